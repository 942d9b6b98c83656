"""The others between two known states: what the page's own code makes of them."""

import json

from .test_rules import PAGE, in_node

SOURCE = """
import {Past} from %s;
const past = new Past(), at = x => ({ada: {x, y: 2 * x, name: "Ada"}});
const told = [past.moment, past.boats(5).boats];
past.add(1000, at(0));
past.add(1050, at(10));
past.add(1040, at(99));               // older than what is known: it came late
past.add(1100, {...at(20), bob: {x: 7, y: 7}});
for (const moment of [900, 1000, 1025, 1075, 1100, 5000]) told.push(past.boats(moment));
told.push(past.behind, past.moment <= 1100 - past.behind + 1000);
past.begin();
told.push(past.boats(0).boats);
console.log(JSON.stringify(told, (_key, value) => (value === -Infinity ? "never" : value)));
"""


def test_a_boat_is_drawn_between_the_states_and_never_beyond_the_newest():
    told = json.loads(in_node(SOURCE % json.dumps((PAGE / "interpolation.js").as_uri())))
    assert told[:2] == ["never", {}]
    places = [(each["at"], each["boats"]["ada"]["x"], each["boats"]["ada"]["y"]) for each in told[2:8]]
    assert places == [
        (1000, 0, 0),
        (1000, 0, 0),
        (1025, 5, 10),
        (1075, 15, 30),
        (1100, 20, 40),
        (1100, 20, 40),
    ]
    assert told[5]["boats"]["bob"] == {"x": 7, "y": 7}, "who has just come is where it is"
    assert told[8:] == [75, True, {}]
