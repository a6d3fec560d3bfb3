#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Makes mistakes on purpose, and sees each caught by the check that it names.

    run.py [--kind KIND,...] [--every N [--by-day]] [--on PRESET] [--quick] [ID...]
    run.py --generated N    makes N edits of code that re2c has written
    run.py --random N [--seed S] [--in PLACE,...] [--limit SECONDS] [--copy FOLDER]
                            makes N edits that nobody has chosen (survey.py)
    run.py --pins           only asks whether each mistake can still be made

KIND.json beside this file lists mistakes:

    id, file
    old, new    a text, which stands in the file once, and what it becomes;
                several edits are two lists
    check       what fails when the mistake is made in a copy of the sources:
                language/STAGE (language.py), fuzz/TARGET (fuzz.py), verify/TOOL
                (verify.py), or PRESET/TEST of ctest (presets.py)
    expect      what that check says, where it always says the same

Without a mistake each check has to pass. Every mistake changes what the program does, so a mistake
that no check catches is a failure. --every N makes each Nth mistake. With --by-day the date says
with which mistake to begin, so that all are made within N days. --on makes the mistakes of one
preset. --quick builds fuzz targets without optimisation, and --keep puts the inputs that they find
into corpus/regress. --update writes down which stage of "language" catches a mistake, and what it
says."""
import argparse
import collections
import datetime
import json
import multiprocessing
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import fuzz
import language
import presets
import survey
import tree
import verify

HERE = pathlib.Path(__file__).resolve().parent
CHECKERS = {"language": language, "fuzz": fuzz, "verify": verify}
PARALLEL = ("language", "release") # others use all processors, or one name
MACHINES = ("release", "mingw", "s390x", "armhf", "i386", "aarch64", "riscv64")
HARMLESS = HERE / "harmless.json"
LEAST = 1150 # mistakes; with fewer, a list was not read


# ---- The lists ------------------------------------------------------------------

def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def load():
    return [{**each, "kind": path.stem} for path in sorted(HERE.glob("*.json"))
            if path != HARMLESS for each in read(path)]


def faults(mistakes, texts):
    """Yields what is wrong with the lists: a mistake cannot be made, or two have the same id."""
    count = collections.Counter(each["id"] for each in mistakes)
    for each in mistakes:
        where = "%s.json: %s" % (each["kind"], each["id"])
        if count[each["id"]] > 1:
            yield where + ": two mistakes are called so"
        if "/" not in each.get("check", ""):
            yield where + ": no check is named"
        for old, _ in tree.edits(each):
            times = texts[each["file"]].count(old)
            if times != 1:
                yield "%s: \"old\" stands %d times in %s" % (
                    where, times, each["file"])


def check_pins(mistakes, harmless):
    good = {"kind": "k", "id": "a", "file": "f", "old": "x", "check": "c/d"}
    bad = [good, {**good, "check": "c"}, {**good, "old": "y"},
           {**good, "old": "z"}]
    if len([*faults(bad, {"f": "xzz"})]) != 4 + 3:
        raise tree.Trouble("faults of the lists go unnoticed")
    asked = mistakes + [{**each, "id": number, "kind": HARMLESS.stem,
                         "check": "harmless/"} for number, each in enumerate(harmless)]
    paths = {each["file"]: tree.ROOT / each["file"] for each in asked}
    found = [*faults(asked, {
        name: path.read_text(encoding="utf-8") if path.exists() else ""
        for name, path in paths.items()})]
    if found or len(mistakes) < LEAST:
        raise tree.Trouble("\n".join([*found, "%d mistakes" % len(mistakes)]))


def on_machines(mistake):
    """A check "machines" runs on several presets. The check has to fail on the presets that it
    names, and to pass on the others."""
    there, test = mistake["check"].split("/")
    return [{**mistake, "check": "%s/%s" % (preset, test),
             "shows": preset in there.split(",")} for preset in MACHINES]


def choose(mistakes, options):
    unknown = {*options.ids, *options.kind} - {
        each[name] for each in mistakes for name in ("id", "kind")}
    if unknown:
        raise tree.Trouble("there is no " + " ".join(sorted(unknown)))
    chosen = [each for each in mistakes
              if (not options.ids or each["id"] in options.ids) and
              (not options.kind or each["kind"] in options.kind)]
    found = []
    first = datetime.date.today().toordinal() % options.every if options.by_day else 0
    for each in chosen[first::options.every]:
        found += on_machines(each) if each["kind"] == "machines" else [each]
    return [each for each in found if options.on in (None, checker_of(each))]


# ---- Making one -------------------------------------------------------------------

checkers = {} # of the process: its own copies of the sources
passed = set() # trials


def checker_of(mistake):
    return mistake["check"].partition("/")[0]


def new_copy(name, folder=None):
    folder = pathlib.Path(folder or tempfile.mkdtemp(prefix=name + "."))
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755) # tests become other users
    tree.copy_to(folder)
    return folder


def prepared(name, options):
    if name not in checkers:
        checkers[name] = CHECKERS.get(name, presets).Checker(new_copy(name),
                                                             options, name)
    return checkers[name]


def judge(mistake, options):
    """Makes a mistake. Returns the check that caught it, or None, and what the check
    said."""
    try:
        checker = prepared(checker_of(mistake), options)
        with tree.edited(checker.root, mistake):
            return None, checker.check(mistake) or ""
    except tree.Caught as caught:
        return caught.check, caught.said
    except subprocess.TimeoutExpired:
        return "time", ""


def try_first(mistake, options):
    """Runs the check without a mistake, when it has to pass. "language" needs one trial
    for all stages, and one for each port."""
    same = {name: mistake.get(name) for name in ("file", "check", "expect")}
    if checker_of(mistake) == "language":
        if mistake["file"] not in language.PORTS:
            same["file"] = "src/parse/lexer.re"
        same.update(check="language/" + same["file"], expect=None)
    what = same["check"], checker_of(mistake) == "mingw" and same["expect"]
    if what not in passed:
        check, said = judge(same, options)
        if check:
            raise tree.Trouble("%s fails without a mistake: %s" % (check, said))
        passed.add(what)


def complaint(mistake, check, said):
    """What is wrong with a result, if anything."""
    if not mistake.get("shows", True):
        return check and "it shows where it should not"
    if check is None:
        return ("nothing caught it " + said).strip()
    if (check, said) != (mistake["check"], mistake.get("expect", said)):
        return "caught by %s: %s, not as written down" % (check, said)
    return None


def judge_group(task):
    """[(mistake, check, what it said)]"""
    group, options, total = task
    results = []
    for each in group:
        left = (time.monotonic() - begin) * (total / done.value - 1) \
            if done.value else total * 9
        show("%d of %d, perhaps %d s more: %s" % (done.value + 1, total, left,
                                                  each["id"]))
        try_first(each, options)
        results.append((each, *judge(each, options)))
        with done.get_lock():
            done.value += 1
    return results


# ---- All of them -------------------------------------------------------------------

done = multiprocessing.Value("i", 0)
begin = time.monotonic()


def show(line=""):
    """Shows a line on a terminal. The next line replaces it."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns - 1
        print("\r\033[K" + line[:width], end="", file=sys.stderr, flush=True)


def groups(chosen):
    """Groups the mistakes by test, because one test cannot run twice at the same time. Large
    groups come first."""
    found = collections.defaultdict(list)
    for each in chosen:
        found[each["id"] if checker_of(each) == "language" else
              each["check"]].append(each)
    return sorted(found.values(), key=len, reverse=True)


def judge_all(chosen, options):
    tasks = [(group, options, len(chosen)) for group in groups(chosen)]
    several = [task for task in tasks if checker_of(task[0][0]) in PARALLEL]
    if several:
        with multiprocessing.Pool() as pool:
            for results in pool.imap_unordered(judge_group, several):
                yield from results
    for task in tasks:
        if task not in several:
            yield from judge_group(task)


def write_down(results):
    for path in HERE.glob("*.json"):
        listed = read(path)
        for each in listed:
            if checker_of(each) == "language" and each["id"] in results:
                each["check"], each["expect"] = results[each["id"]]
        path.write_text("[\n" + ",\n".join(
            " " + json.dumps(each, ensure_ascii=False)
            for each in listed) + "\n]\n", encoding="utf-8")


def report(chosen, options):
    results, problems, refuted = {}, 0, 0
    for each, check, said in judge_all(chosen, options):
        wrong = None if check and options.update else complaint(each, check, said)
        problems += wrong is not None
        refuted += said == "refuted"
        if check:
            results[each["id"]] = check, said
        if wrong or options.ids:
            show()
            print("%s: %s" % (each["id"], wrong or "%s: %s" % (
                check or "nothing shows on " + checker_of(each), said)), flush=True)
    if options.update:
        write_down(results)
    show()
    print("%d mistakes, %d problems%s" % (
        len(chosen), problems, ", %d refuted" % refuted if options.generated else ""))
    return 1 if problems or not chosen else 0


def run(what):
    with tempfile.TemporaryDirectory(prefix="sbind-mistakes.") as scratch:
        os.environ["TMPDIR"] = tempfile.tempdir = scratch
        os.environ["SBIND_TEST_FAILFAST"] = "1"
        os.chmod(scratch, 0o755)
        try:
            return what()
        finally:
            if "mingw" in checkers:
                checkers["mingw"].close()


def main():
    parser = argparse.ArgumentParser(prog="run.py", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", type=lambda words: words.split(","), default=[])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--on", metavar="PRESET")
    parser.add_argument("--generated", type=int, metavar="N")
    parser.add_argument("--random", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float, default=600)
    parser.add_argument("--copy", metavar="FOLDER")
    parser.add_argument("--in", dest="places", type=lambda words: words.split(","))
    for flag in ("quick", "keep", "update", "pins", "by-day"):
        parser.add_argument("--" + flag, action="store_true")
    parser.add_argument("ids", nargs="*", metavar="ID")
    options = parser.parse_args()
    mistakes, harmless = load(), read(HARMLESS)
    check_pins(mistakes, harmless)
    if options.pins:
        print("%d mistakes" % len(mistakes))
        return 0
    if options.random:
        survey.go_apart()
        return run(lambda: survey.run(new_copy("survey", options.copy),
                                      mistakes, harmless, options))
    chosen = language.generated(options.generated) if options.generated \
        else choose(mistakes, options)
    return run(lambda: report(chosen, options))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except tree.Trouble as trouble:
        show()
        sys.exit("run.py: %s" % trouble)
