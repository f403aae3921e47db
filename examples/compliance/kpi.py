"""Figures for a report, from a log and from what `tollgate replay LOG --format json` says of it on standard input.

Each line of the log is {"input": REQUEST, "decision": {"effect", "rules"}}, with "approved": true or false where a person
has answered a review. Ends with 1 where today's policy decides a call otherwise than the log says.
"""

import collections
import json
import sys


def share(part, whole):
    return f"{part:4} of {whole}  {100 * part / whole if whole else 0:5.1f} %"


replayed = json.load(sys.stdin)
with open(sys.argv[1], encoding="utf-8") as lines:
    log = [json.loads(line) for line in lines if line.strip()]

total = replayed["decisions"]
same = replayed["compared"] - replayed["changed"]
by_rule = collections.Counter(rule for line in log for rule in line["decision"]["rules"])
reviews = [line for line in log if line["decision"]["effect"] == "review"]
covered = sum(1 for line in log if line["decision"]["rules"])

print("decided as recorded  ", share(same, total))
print("allowed              ", share(replayed["effects"]["allow"], total))
print("to review            ", share(replayed["effects"]["review"], total))
print("denied               ", share(replayed["effects"]["deny"], total))
print("covered by a rule    ", share(covered, total))
print("reviews answered     ", share(sum("approved" in line for line in reviews), len(reviews)))
print("reviews approved     ", share(sum(line.get("approved", False) for line in reviews), len(reviews)))
print()
for rule, count in sorted(by_rule.items(), key=lambda item: (-item[1], item[0])):
    print(f"{count:4}  {rule}")

sys.exit(same != total or len(log) != total)
