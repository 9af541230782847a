"""Search for as long as it may last: coolings, each longer than the one before, then crowds whose plans are crossed; ends are joined."""

from __future__ import annotations

from planner.siting import closer, completing, joining, search
from planner.siting.closer import Proof
from planner.siting.crossing import Crowd
from planner.siting.model import CoverModel
from planner.work import Work

FIRST_COOLING, FIRST_FLOORED = (
    20,
    100,
)  # rounds; in a model with floors: with 20 there as well ten cases were certified to 2.65 instead of 2.45 % in 5 s
COOLINGS = 4  # a cooling is as long as all before it, divided by this
FRESH_COOLING = 100  # rounds; as long as this, its plan joins the crowd, and once that is whole plans are crossed
SEAM_COOLING = 30  # rounds for a child: as many steps for a change at its seam as a fresh cooling has for each of all
DEEP_COOLING = 300  # the same for a child that is cooled everywhere: with 100 crowds of SanFrancisco, 100 sites, ended at 330 on average, with 300 at 150
# children one after another as long as all before them, divided by the one, but no longer than the other (rounds)
TURNS, LONGEST_TURN = 16, 1_000
JOIN_EVERY = 2  # turns: joining costs little more than a short cooling, and finds something better nearly always
COMPLETE_STEPS = 1_500_000  # two seconds: all of Kings, 100 sites, is covered after 70,000 to 500,000; those of Bronx that find the best known plan take as long


def cooled(
    model: CoverModel, proof: Proof, crowd: Crowd, done: int, rounds: int, work: Work, idle: int | None = None
) -> tuple[Proof, int]:
    """Search at the proof's prices, from ``done`` rounds on until so many rounds are done.

    It ends as well once as many rounds as ``idle`` have found nothing better.
    """
    if done >= rounds:
        return proof, done
    seed = crowd.seed + done
    refiller = search.Refiller(model, proof.plan, proof.multipliers, seed, search.part_size(model, done))
    last, turn = done, 0
    first = FIRST_FLOORED if search.floors_of(model).size else FIRST_COOLING
    while done < rounds and (idle is None or done - last < idle) and proof.bound > proof.plan.gain and not work.stopped:
        work.step("siting_search", done, rounds)
        if refiller.columns < min(model.columns, search.part_size(model, done)):
            refiller.look_at(search.part_size(model, done))
        before, length, turn = proof.plan.gain, max(first, done // COOLINGS), turn + 1
        if length < FRESH_COOLING:
            length = min(length, rounds - done)
            refiller.run(length, work)
        else:
            length = max(FRESH_COOLING, min(done // TURNS, LONGEST_TURN))
            length = _crossed(refiller, crowd, length, rounds - done, work)
        proof, done = closer.with_plan(proof, refiller.plan), done + length
        if turn % JOIN_EVERY == 0 and not work.stopped:
            proof = _joined(model, refiller, proof, crowd.seed + done, work)
        if proof.plan.gain > before:
            last = done
            closer.tell(model, proof, work)
    return proof, done


def _crossed(refiller: search.Refiller, crowd: Crowd, rounds: int, most: int, work: Work) -> int:
    """What the crowd says to search from, searched from and given to it, until so many rounds are done, the last to its end; how many."""
    done = 0
    while done < min(rounds, most) and not work.stopped:
        start = crowd.next(refiller.plan.current)
        length = FRESH_COOLING if start.seam is None else DEEP_COOLING if crowd.deep else SEAM_COOLING
        length = min(length, most - done)
        refiller.run(length, work, start.current, start.seam)
        # while the crowd grows from the best plan, the best of a cooling would be that plan again and again
        crowd.take(start, refiller.last if start.seam is None else refiller.found)
        done += length
    return done


def _joined(model: CoverModel, refiller: search.Refiller, proof: Proof, seed: int, work: Work) -> Proof:
    """The best of the ends of coolings together; where all but a little is covered, one more end that the layers left have made."""
    if closer.all_is_open(model, proof) and completing.is_near(model, proof.plan):
        refiller.take(completing.complete(model, refiller.last, proof.plan, COMPLETE_STEPS, seed, work))
    joined = joining.joined(model, refiller.ends, seed, work)
    if joined is not None:
        refiller.take(joined)
    return closer.with_plan(proof, refiller.plan)
