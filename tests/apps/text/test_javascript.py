"""The page's copy and Python's are the same: what one tells the other understands, and they read the same."""

import json
import random
import subprocess
from pathlib import Path

import playwright
import pytest

import rtlab.apps.text
from rtlab.apps.text.operations import decode, encode
from rtlab.apps.text.replica import Replica

from .histories import random_history

REPLICA = Path(rtlab.apps.text.__file__).with_name("replica.js")
DRIVER = Path(playwright.__file__).with_name("driver")  # brings a Node along
SCRIPT = """
import {Replica, fold} from %s;
const given = JSON.parse(await new Response(process.stdin).text());
const answers = given.map(({told, edits}) => {
  const copy = new Replica("js"), mine = [];
  for (const operation of told) copy.apply(operation);
  const {text} = copy, known = copy.size;
  for (const [where, count, insert] of edits) {
    const letters = copy.letters, at = Math.floor(where * letters.length);
    mine.push(...copy.delete(letters.slice(at, at + count).map(letter => letter.id)));
    mine.push(...copy.insert(copy.letters[at - 1]?.id ?? null, insert));
  }
  return {text, known, mine, folded: fold(mine), after: copy.text, whole: copy.beyond(new Replica("empty"))};
});
console.log(JSON.stringify(answers));
"""


@pytest.fixture(scope="module")
def histories():
    """Histories in a shuffled order with every operation twice, what the page is to edit, and what it answers."""
    chance, given, wanted = random.Random(18), [], []
    for _ in range(60):
        history = random_history(chance)
        wanted.append(history.texts()[0])
        told = encode(history.told * 2)["ops"]
        chance.shuffle(told)
        edits = [(chance.random(), chance.randint(0, 2), chance.choice(("a", "é😀", "\n"))) for _ in range(5)]
        given.append({"told": told, "edits": edits})
    node = next(path for path in (DRIVER / "node", DRIVER / "node.exe") if path.exists())
    script = SCRIPT % json.dumps(REPLICA.as_uri())
    ran = subprocess.run(
        [node, "--input-type=module", "-e", script],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=50,
    )
    assert ran.returncode == 0, ran.stderr
    return list(zip(given, wanted, json.loads(ran.stdout), strict=True))


def python(*told):
    """A copy in Python that has heard these operations."""
    copy = Replica("python")
    for operation in [each for operations in told for each in decode({"ops": operations})]:
        copy.apply(operation)
    return copy


def test_the_same_history_reads_the_same_in_the_page(histories):
    for given, wanted, answer in histories:
        assert answer["text"] == wanted == python(given["told"]).text
        assert answer["known"] == python(given["told"]).size


def test_what_the_page_writes_python_reads(histories):
    for given, _, answer in histories:
        assert python(given["told"], answer["mine"]).text == answer["after"]
        assert python(given["told"], answer["folded"]).text == answer["after"]
        assert len(answer["folded"]) <= len(answer["mine"])


def test_the_page_tells_a_copy_that_knows_nothing_the_whole(histories):
    for _, _, answer in histories:
        whole = python(answer["whole"])
        assert (whole.text, whole.waiting) == (answer["after"], 0)
        assert encode(whole.operations())["ops"] == answer["whole"]
