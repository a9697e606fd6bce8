"""`make bench-roster`: how fast and how fair proposed rosters are, beside a plain round and the bounds (docs/bench.md).

Every office is made up from a seed. For each the proposal and a plain round (whoever is next in turn and fits) get the
same task, both are checked against the hard rules, and the bounds say what no plan could do better. Prints PASS or
MISS; the exit status is 1 only when a proposal breaks a rule, changes when it is made again, or beats a bound.
"""

import argparse
import json
import os
import platform
import random
import re
import statistics
import sys
import time as clocks
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from fieldops.core.people.rules import Competence  # noqa: E402
from fieldops.core.roster.rules import (  # noqa: E402
    Duty,
    Interval,
    Limits,
    Officer,
    Promise,
    Slot,
    breaks,
    points_of,
    propose,
)
from fieldops.core.roster.rules.bound import bounds  # noqa: E402
from fieldops.kit import clock  # noqa: E402

PEOPLE, WEEKENDS, LEADS = 40, 12, 7
FIRST = date(2027, 1, 2)  # a Saturday
SAME_HOURS = {5: ((8, 12), (13, 17)), 6: ((8, 12), (13, 17))}
OTHER_HOURS = {5: ((7, 11), (12, 17)), 6: ((8, 12), (16, 22))}
MANY = {
    Competence.VERIFICATION: 0.5,
    Competence.INTERVIEW: 0.5,
    Competence.BIOMETRICS: 0.6,
    Competence.INTELLIGENCE: 0.3,
    Competence.DRIVER: 0.3,
}
FEW = {
    Competence.VERIFICATION: 0.25,
    Competence.INTERVIEW: 0.3,
    Competence.BIOMETRICS: 0.4,
    Competence.INTELLIGENCE: 0.15,
    Competence.DRIVER: 0.1,
}
OFFICES = {
    "all duties alike": {},
    "duties of unequal weight, two interviewers": {"uneven": True},
    "the same, 10 % of the weeks on leave": {"uneven": True, "leave": 0.1},
    "the same, 10 % on leave, skills scarce": {"uneven": True, "leave": 0.1, "shares": FEW},
    "twice as many weekends, 10 % on leave": {"uneven": True, "leave": 0.1, "weekends": 2 * WEEKENDS},
}
"""From the task that the target speaks of to harder ones."""


def office(seed, *, uneven=False, leave=0.0, shares=MANY, weekends=WEEKENDS):
    """Posts, officers, promises and limits. Everybody starts with points of the 12 months before."""
    rng = random.Random(seed)
    people = [
        Officer(
            UUID(int=number + 1),
            f"Petugas {number + 1}",
            frozenset({skill for skill, share in shares.items() if rng.random() < share})
            | ({Competence.LEAD} if number < LEADS else set()),
            rng.randrange(1000, 4000, 25),
            FIRST - timedelta(days=rng.randrange(5, 60)),
        )
        for number in range(PEOPLE)
    ]
    holidays = frozenset({FIRST + timedelta(days=1), FIRST + timedelta(days=35)}) if uneven else frozenset()
    slots = []
    for week in range(weekends):
        for day in (FIRST + timedelta(days=7 * week + number) for number in (0, 1)):
            for first, last in (OTHER_HOURS if uneven else SAME_HOURS)[day.weekday()]:
                hours = Interval(clock.at_office(day, time(first)), clock.at_office(day, time(last)))
                km = 80 if uneven and day.toordinal() % 3 == 0 else 0
                points = points_of(hours, holidays=holidays, distance_km=km, zone=clock.ZONE).total
                for duty in [*Duty, Duty.INTERVIEW] if uneven else Duty:
                    place = UUID(int=1000 + len(slots))
                    slots.append(Slot(place, hours.starts_at, hours.ends_at, day, duty, f"Sesi {first}", points))
    promises = defaultdict(list)
    for one in people:
        for week in range(weekends):
            if rng.random() < leave:
                begins = clock.at_office(FIRST + timedelta(days=7 * week - 5), time())
                promises[one.id].append(Promise(begins, begins + timedelta(days=7), "annual", "Cuti tahunan"))
    return slots, people, dict(promises), Limits(holidays=holidays)


def plain_round(slots, people, promises, limits):
    """For every duty a list of those who can do it; whoever is next in turn and fits, goes to its end."""
    turns = {duty: [one for one in people if duty.needs <= one.skills] for duty in Duty}
    roster = []
    for slot in sorted(slots, key=lambda one: (one.starts_at, one.id)):
        turn = turns[slot.duty]
        for place, one in enumerate(turn):
            own = [each for each in roster if each.person_id == one.id]
            if not breaks(slot, one, promises.get(one.id, ()), own, limits):
                roster.append(replace(slot, person_id=one.id))
                turn.append(turn.pop(place))
                break
    return {each.id: each.person_id for each in roster}


def loads(assigned, slots, people):
    """Everybody's points afterwards."""
    found = {one.id: one.points for one in people}
    for slot in slots:
        if slot.id in assigned:
            found[assigned[slot.id]] += slot.points
    return found


def spreads(points, people, best):
    """Of people with the same skills: most less least points, beside what cannot be less. Groups of two or more."""
    alike = defaultdict(list)
    for one in people:
        alike[one.skills].append(one.id)
    return [
        (max(points[who] for who in group) - min(points[who] for who in group), best.least_spread(group))
        for group in alike.values()
        if len(group) > 1
    ]


def broken(assigned, slots, people, promises, limits):
    """How many posts break a rule."""
    known = {one.id: one for one in people}
    roster = [replace(slot, person_id=assigned.get(slot.id)) for slot in slots]
    return sum(
        bool(breaks(slot, known[slot.person_id], promises.get(slot.person_id, ()), roster, limits))
        for slot in roster
        if slot.person_id
    )


def measure(name, seed, options):
    """One office, once: the figures of the proposal and of the plain round."""
    slots, people, promises, limits = office(seed, **options)
    began, cpu = clocks.monotonic(), clocks.process_time()
    proposal = propose(slots, people, promises, limits)
    took, cpu = clocks.monotonic() - began, clocks.process_time() - cpu
    ours = {slot: one.person_id for slot, one in proposal.assigned.items()}
    began = clocks.process_time()
    theirs = plain_round(slots, people, promises, limits)
    round_cpu = clocks.process_time() - began
    best = bounds(slots, people, promises, limits)
    most = best.most_filled()
    again = propose(random.Random(seed).sample(slots, len(slots)), people[::-1], promises, limits)
    found = {
        "office": name,
        "seed": seed,
        "posts": len(slots),
        "seconds": took,
        "cpu": cpu,
        "duty": max(slot.points for slot in slots),
        "at_most": most,
        "proven_gaps": sum(gap.is_proven for gap in proposal.gaps.values()),
        "least_maximum": best.least_maximum(best.takeable - len(ours)),
        "broken": broken(ours, slots, people, promises, limits),
        "same_again": again == proposal,
        "round_cpu": round_cpu,
        "round_broken": broken(theirs, slots, people, promises, limits),
    }
    for prefix, assigned in (("", ours), ("round_", theirs)):
        points = loads(assigned, slots, people)
        groups = spreads(points, people, best)
        found |= {
            f"{prefix}filled": len(assigned),
            f"{prefix}max": max(points.values()),
            f"{prefix}min": min(points.values()),
            f"{prefix}squares": statistics.pstdev(points.values()),
            f"{prefix}spread": max(spread for spread, _ in groups),
            f"{prefix}above_least_spread": max(spread - least for spread, least in groups),
        }
    return found


def wrong(one):
    """What must never be."""
    told = {
        "a rule is broken": one["broken"] or one["round_broken"],
        "made again, it is another": not one["same_again"],
        "it beats the bound on filled posts": one["filled"] > one["at_most"],
        "it beats the bound on the most points": one["max"] < one["least_maximum"],
    }
    return [f"{one['office']}, seed {one['seed']}: {what}" for what, is_so in told.items() if is_so]


def show(hundredths):
    return f"{hundredths / 100:.2f}"


def report(name, runs):
    def mid(key):
        return statistics.median(one[key] for one in runs)

    def worst(key):
        return max(one[key] for one in runs)

    print(f"\n{name}: {PEOPLE} people, {runs[0]['posts']} posts, heaviest duty {show(mid('duty'))}, seeds {len(runs)}")
    rows = [
        ("CPU, median (worst)", f"{mid('cpu'):.2f} s ({worst('cpu'):.2f})", f"{mid('round_cpu'):.2f} s", ""),
        ("filled", f"{mid('filled'):.0f}", f"{mid('round_filled'):.0f}", f"at most {mid('at_most'):.0f}"),
        ("most points", show(mid("max")), show(mid("round_max")), f"at least {show(mid('least_maximum'))}"),
        ("fewest points", show(mid("min")), show(mid("round_min")), ""),
        ("standard deviation", show(mid("squares")), show(mid("round_squares")), ""),
        ("widest spread, same skills", show(mid("spread")), show(mid("round_spread")),
         f"{show(worst('above_least_spread'))} above the least, at worst"),
    ]  # fmt: skip
    widths = [max(len(row[place]) for row in [*rows, ("", "proposal", "plain round", "")]) for place in range(3)]
    for row in [("", "proposal", "plain round", "bound"), *rows]:
        print("  " + "  ".join([row[0].ljust(widths[0]), *(row[n].rjust(widths[n]) for n in (1, 2)), row[3]]).rstrip())


def main():
    parser = argparse.ArgumentParser(prog="make bench-roster", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one seed for each office")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures of all runs there too")
    asked = parser.parse_args()
    cpu = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    print(f"{datetime.now(UTC).isoformat(timespec='seconds')}: {os.cpu_count()} cores "
          f"{cpu[1] if cpu else platform.machine()}, Python {platform.python_version()}, one process; "
          f"load before {os.getloadavg()[0]:.2f}. Points as on the screen.")  # fmt: skip
    every, seeds = [], (1,) if asked.quick else (1, 2, 3, 4, 5)
    for name, options in OFFICES.items():
        runs = [measure(name, seed, options) for seed in seeds]
        report(name, runs)
        every += runs
    aim = [one for one in every if one["office"] in list(OFFICES)[:3]]
    full = [one for one in every if one["filled"] == one["posts"]]
    targets = [
        ("12 weekends in at most 5 s of CPU", max(one["cpu"] for one in aim) <= 5),
        ("where all is filled, equals lie within one duty of the least spread",
         all(one["above_least_spread"] <= one["duty"] for one in full)),
        ("where all is filled, the most points lie within one duty of the bound",
         all(one["max"] - one["least_maximum"] <= one["duty"] for one in full)),
        ("no post empty that the bound does not ask for, with many skills",
         all(one["filled"] == one["at_most"] for one in aim)),
        ("the same with scarce skills and the long plan", all(one["filled"] == one["at_most"] for one in every)),
    ]  # fmt: skip
    print()
    for what, reached in targets:
        print(f"{'PASS' if reached else 'MISS'}  {what}")
    found = [line for one in every for line in wrong(one)]
    for line in found:
        print(f"WRONG: {line}")
    if asked.json:
        asked.json.write_text(json.dumps(every, indent=1))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
