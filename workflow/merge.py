#!/usr/bin/env python3
"""Merges the results of shards: merge.py RESULT.json PAGE.md SHARD.json..., or says why one is not finished: merge.py --finished SHARD.json

The results go into one JSON and one page; in both stands which shard is unreadable, unfinished or found something that must
not be.
"""
import collections
import json
import sys


def add(total, counts):
    for name, count in counts.items():
        total[name] += count


# By the field that counts a shard's work: the campaign, where it lists what it found, and what there must be none of.
KINDS = {
    "flips": ("upset", "unauthorised", "unauthorised"),
    "faults": ("fault", "survivors", "silent"),
    "mutants": ("mutate", "survivors", None),
    "seeds": ("cosim", "differing", "differences"),
}
# The part of the mutants that are no equivalents that has to be killed.
KILLED = 0.95


def read(path):
    """What a shard left, if it can be read; which of KINDS it is of, or proofs or figures; and why it has not come to its end, if so."""
    try:
        with open(path) as file:
            shard = json.load(file)
    except (OSError, ValueError) as error:
        return None, None, f"{path}: {error}"
    if "findings" in shard:
        finished = shard["finished"] == shard["proofs"]
        return shard, "proofs", None if finished else f"{path}: {shard['finished']} of {shard['proofs']} finished"
    if "figures" in shard:
        return shard, "figures", None
    whole = next((field for field in KINDS if field in shard), None)
    if whole is None:
        return None, None, f"{path}: the result of no campaign that is known"
    finished = shard["finished"] == shard[whole]
    return shard, whole, None if finished else f"{path}: {shard['finished']} of {shard[whole]} finished"


def missed(figures):
    """The goals that a design misses."""
    where = f"{figures['geometry']} {figures['design']}"
    return [f"{where}: {goal['what']} {goal['goal']:.0f}, measured {goal['measured']:.1f}" for goal in figures["goals"] if not goal["met"]]


def measured(size):
    """A line for each design of a geometry, or why there is none."""
    for figures in size["figures"]:
        report = figures["report"]
        mhz = "-" if report["fmax_mhz"] is None else f"{report['fmax_mhz']:.1f}"
        yield f"| {figures['geometry']} | {figures['design']} | {report['logic_cells']} | {report['block_rams']} | {mhz} |"
    for left in size["not_measured"]:
        yield f"| {left['geometry']} | not measured: {left['reason']} | | | |"


def main(result, page, shards):
    campaigns, proofs, sizes, problems = {}, [], [], []
    # By what was asked, the shards of proofs that there are.
    plans = collections.defaultdict(set)
    for path in shards:
        shard, whole, problem = read(path)
        if problem:
            problems.append(problem)
        if shard is None:
            continue
        if whole == "proofs":
            plan = {name: value for name, value in shard["plan"].items() if name != "shard"}
            plans[json.dumps(plan, sort_keys=True)].add(shard["plan"]["shard"])
            found = shard["findings"]
            proofs += found
            problems += [f"{path}: {proof['property']} on {proof['geometry']}: {proof['outcome']}" for proof in found if proof["outcome"] != "proven"]
            problems += [f"{path}: {proof['property']} on {proof['geometry']}: {proof['error']}" for proof in shard["errors"]]
            continue
        if whole == "figures":
            sizes.append(shard)
            problems += [f"{path}: {left['geometry']}: {left['reason']}" for left in shard["not_measured"] if left["kind"] == "failed"]
            problems += [f"{path}: {problem}" for figures in shard["figures"] for problem in missed(figures)]
            continue
        plan = shard["plan"]
        kind, found, bad = KINDS[whole]
        campaign = campaigns.setdefault(
            f"{kind} {plan['geometry']}",
            {"shards": 0, "of": plan["shards"], "design": shard.get("design"), "total": collections.Counter(), "blocks": {}, "found": []},
        )
        campaign["shards"] += 1
        if shard.get("design") != campaign["design"]:
            problems.append(f"{path}: of another design than the shards before it")
        add(campaign["total"], shard["total"])
        for block, counts in shard.get("blocks", {}).items():
            add(campaign["blocks"].setdefault(block, collections.Counter()), counts)
        campaign["found"] += shard[found]
        if kind == "cosim":
            problems += [f"{path}: seed {seed['seed']}: {' '.join(seed['what'].split())}" for seed in shard[found]]
        if bad and shard["total"][bad]:
            problems.append(f"{path}: {shard['total'][bad]} {bad}")
    for plan, shards_of_it in plans.items():
        if len(shards_of_it) != json.loads(plan)["shards"]:
            problems.append(f"proofs: {len(shards_of_it)} of {json.loads(plan)['shards']} shards")
    for name, campaign in campaigns.items():
        if campaign["shards"] != campaign["of"]:
            problems.append(f"{name}: {campaign['shards']} of {campaign['of']} shards")
        total = campaign["total"]
        if name.startswith("mutate "):
            killed = total["model"] + total["load"] + total["proof"]
            if killed < KILLED * (killed + total["survived"]):
                problems.append(f"{name}: {killed} killed, {total['survived']} survived")
    with open(result, "w") as file:
        json.dump({"campaigns": campaigns, "proofs": proofs, "sizes": sizes, "problems": problems}, file, indent=2)
        file.write("\n")
    lines = ["# Campaigns", ""]
    for name, campaign in sorted(campaigns.items()):
        heads = list(campaign["total"])
        lines += [f"## {name}", "", "| block | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
        rows = sorted(campaign["blocks"].items()) + [("all", campaign["total"])]
        lines += [f"| {block} | " + " | ".join(str(counts[head]) for head in heads) + " |" for block, counts in rows] + [""]
    if proofs:
        lines += ["## Proofs", "", "| claim | property | geometry | outcome | seconds |", "|---|---|---|---|---|"]
        lines += [f"| {p['claim']} | {p['property']} | {p['geometry']} | {p['outcome']} | {p['seconds']:.0f} |" for p in proofs] + [""]
    if sizes:
        lines += ["## Sizes", "", "| geometry | design | logic cells | block RAMs | MHz |", "|---|---|---|---|---|"]
        lines += [line for size in sizes for line in measured(size)] + [""]
    lines += ["## Problems", ""] + ([f"- {problem}" for problem in problems] or ["none"])
    with open(page, "w") as file:
        file.write("\n".join(lines) + "\n")
    for problem in problems:
        print(f"merge: {problem}", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--finished":
        sys.exit(read(sys.argv[2])[2])
    if len(sys.argv) < 4:
        sys.exit("usage: merge.py RESULT.json PAGE.md SHARD.json...")
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
