"""What an action costs, by category, and what it changes in the yearly running cost. Whole yen throughout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner import assumptions, frames
from planner.errors import InputError, Note
from planner.funding.basis import basis_notes, lease, life_years, with_tax

Yen = NDArray[np.int64]
Mask = NDArray[np.bool_]

ON_OTHERS_POLES = ("utility_pole", "signal_pole", "street_light")
_NEEDS_MODEL = (*frames.INSTALLS, "renew")
_NEEDS_TIER = (*frames.INSTALLS, "extend", "renew")


@dataclass(frozen=True)
class Costs:
    """Per action: capital by category (key without ``_yen``) and the yearly difference from keep, by category too."""

    by_category: dict[str, Yen]
    yearly: dict[str, Yen]
    upkeep: pd.DataFrame
    notes: tuple[Note, ...]

    @property
    def running(self) -> Yen:
        """Yearly difference from keep of each action, yen."""
        return np.asarray(sum(self.yearly.values()), dtype=np.int64)

    @property
    def total(self) -> Yen:
        """Capital of each action, yen."""
        return np.asarray(sum(self.by_category.values()), dtype=np.int64)


def cost(inputs: frames.Inputs, mounts: pd.DataFrame, actions: pd.DataFrame) -> Costs:
    """Capital by category and running difference of every action.

    Parameters
    ----------
    inputs
        Tables ``models``, ``tiers``, ``standing``.
    mounts, actions
        Tables of the survey.

    Raises
    ------
    InputError
        ``model_without_price``, ``tier_without_price``, ``mount_without_kind``: an action names one that no table holds.

    Notes
    -----
    install: camera, installation and cable per camera, recorder (of the tier) and sign once per mount, which two cameras
    share; a pole where the mount is assumed, or is an own pole on which nothing hangs yet. install_reused: as install, without
    the camera (its removal is an action of its own). extend: recorder. renew: camera and installation of the new model,
    recorder. repair, remove: assumptions. keep: nothing.

    Running, as the difference from keep: a camera costs its model's figure, which then includes electricity and
    inspection, or the assumptions for these two; a recorder its tier's; a pole of somebody else one fee per mount. What the
    recorder of a standing camera costs today is not known: extend and renew bear the new one's in full, and remove saves the
    camera's alone (neither a recorder nor a pole fee), so that no saving is overstated.

    All amounts are with consumption tax: prices that a table states without are raised by its rate (else the assumption
    ``consumption_tax_share``) and cut to whole yen.
    """
    kind = actions["kind"].to_numpy(dtype=object)
    is_ = {name: kind == name for name in frames.ACTION_KINDS}
    new = np.isin(kind, frames.INSTALLS)
    cameras = np.where(new, actions["cameras"].to_numpy(), 1)  # a standing camera is one
    models, tiers = with_tax(inputs.models), with_tax(inputs.tiers)
    model = _row_of(actions["model_id"], models["model_id"], np.isin(kind, _NEEDS_MODEL), "model_without_price")
    tier = _row_of(actions["tier_id"], tiers["tier_id"], np.isin(kind, _NEEDS_TIER), "tier_without_price")
    mount = _row_of(actions["mount_id"], mounts["mount_id"], new, "mount_without_kind")
    mount_kind = np.append(mounts["kind"].to_numpy(dtype=object), "")[mount]

    fresh = new | is_["renew"]
    occupied = actions["mount_id"].isin(set(inputs.standing["mount_id"]) - {""}).to_numpy()
    assumed = new & (mount_kind == "assumed")
    poles = assumed | (new & (mount_kind == "own_pole") & ~occupied)
    by_category = {
        "camera": _take(models["camera_yen"], model) * cameras * (fresh & ~is_["install_reused"]),
        "recorder": _take(tiers["recorder_yen"], tier) * np.isin(kind, _NEEDS_TIER),
        "installation": _take(models["installation_yen"], model) * cameras * fresh,
        "pole": _yen("pole_yen") * poles,
        "cable": _take(models["cable_yen"], model) * cameras * new,
        "signage": _take(models["signage_yen"], model) * new,
        "repair": _yen("repair_yen") * is_["repair"],
        "removal": _yen("removal_yen") * is_["remove"],
    }
    per_camera = _camera_yearly(models)
    now, gone = _standing_model(inputs, actions["camera_id"]), is_["renew"] | is_["remove"]
    yearly = {name: yen[model] * cameras * fresh - yen[now] * gone for name, yen in per_camera.items()}
    yearly["running"] += _take(tiers["running_yen_per_year"], tier) * np.isin(kind, _NEEDS_TIER)
    yearly["pole_attachment_fee"] = _yen("pole_fee_yen_per_year") * (new & np.isin(mount_kind, ON_OTHERS_POLES))
    whole = {name: values.astype(np.int64) for name, values in by_category.items()}
    notes = (*_notes(models, actions["mount_id"][assumed].nunique()), *basis_notes(inputs))
    by_year = {name: yearly[name].astype(np.int64) for name in frames.YEARLY_CATEGORIES}
    devices = whole["camera"] + whole["installation"], whole["recorder"]
    # the stated lease is that of a whole camera: where one is hung up again only its installation is leased
    leased = np.where(is_["install_reused"], -1, model)
    leases = lease(models, leased, devices[0], cameras * fresh) + lease(tiers, tier, devices[1], np.ones_like(cameras))
    upkeep = pd.DataFrame(
        {
            "action_id": actions["action_id"].reset_index(drop=True),
            **{f"{name}_yen_per_year": yen for name, yen in by_year.items()},
            "lease_yen_per_year": leases,
            "camera_life_years": life_years(models, model, "camera"),
            "recorder_life_years": life_years(tiers, tier, "recorder"),
        }
    )
    return Costs(whole, by_year, upkeep, notes)


def _yen(name: str) -> int:
    """An assumption in whole yen."""
    return round(assumptions.number(name))


def _row_of(ids: pd.Series[str], known: pd.Series[str], needed: Mask, code: str) -> NDArray[np.intp]:
    """Row of each id in its table, -1 where it is not needed; a needed id must be known."""
    row = np.asarray(pd.Index(known).get_indexer(pd.Index(ids)), dtype=np.intp)
    lost = sorted(set(ids[needed & (row < 0)]))
    if lost:
        raise InputError(code, f"no table holds {lost[:5]}", ids=", ".join(lost[:5]), number=len(lost))
    return np.where(needed, row, -1)


def _take(prices: pd.Series[int], row: NDArray[np.intp]) -> Yen:
    """The price in each row, 0 for row -1."""
    return np.asarray(np.append(prices.to_numpy(dtype=np.int64), 0)[row], dtype=np.int64)


def _camera_yearly(models: pd.DataFrame) -> dict[str, Yen]:
    """Yearly cost of one camera per model by category; the last entry (-1) is that of an unknown model."""
    own = np.append(models["running_yen_per_year"].to_numpy(dtype=np.int64), 0)
    assumed = {"electricity": _yen("electricity_yen_per_year"), "maintenance": _yen("inspection_yen_per_year")}
    return {"running": own} | {name: np.where(own > 0, 0, yen) for name, yen in assumed.items()}


def _standing_model(inputs: frames.Inputs, camera_ids: pd.Series[str]) -> NDArray[np.intp]:
    """Row in ``models`` of each standing camera's model, -1 where unknown."""
    camera = pd.Index(inputs.standing["camera_id"]).get_indexer(pd.Index(camera_ids))
    model = pd.Index(inputs.models["model_id"]).get_indexer(pd.Index(inputs.standing["model_id"]))
    return np.asarray(np.append(model, -1)[camera], dtype=np.intp)


def _notes(models: pd.DataFrame, assumed_poles: int) -> tuple[Note, ...]:
    """Which prices are assumptions."""
    notes = []
    if assumed_poles:
        notes.append(Note("pole_for_assumed_mount", {"number": assumed_poles, "amount": _yen("pole_yen")}))
    without = int((models["running_yen_per_year"] == 0).sum())
    if without:
        amount = _yen("electricity_yen_per_year") + _yen("inspection_yen_per_year")
        notes.append(Note("running_cost_assumed", {"number": without, "amount": amount}))
    return tuple(notes)
