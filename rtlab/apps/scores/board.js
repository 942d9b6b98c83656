// What a reader of the feed knows: the sum of the events that it has read, and of nothing else (as board.py, which says why).

export class Board {
  constructor() {
    this.begin(null, {matches: [], seconds: 1});
  }

  begin(id, {matches, seconds}) {
    this.round = id;
    this.matches = matches;
    this.seconds = seconds; // that a minute of play lasts
    this.facts = new Map(); // event id → {time, …data, as amended, why}
  }

  // An event that comes twice changes nothing the second time.
  take({id, time, data}) {
    if (data.kind === "round") {
      if (id !== this.round) this.begin(id, data);
    } else if (data.kind === "amend") {
      const fact = this.facts.get(data.of); // if there is none, it is of a round that is over
      if (fact) this.facts.set(data.of, {...fact, void: data.to === null, ...data.to, why: data.why, was: fact});
    } else if (!this.facts.has(id)) this.facts.set(id, {...data, time});
  }

  score(match) {
    const goals = [...this.facts.values()].filter(fact => fact.kind === "goal" && fact.match === match && !fact.void);
    return ["home", "away"].map(side => goals.filter(goal => goal.side === side).length);
  }

  // What a match stands at: its kick-off and its end are facts like any other.
  clock(match, now) {
    const of = kind => [...this.facts.values()].find(fact => fact.match === match && fact.kind === kind);
    if (!of("kick-off")) return "to come";
    if (of("end")) return "full time";
    const minute = 1 + Math.floor((now - Date.parse(of("kick-off").time)) / 1000 / this.seconds);
    return minute > 90 ? "90+′" : `${Math.max(1, minute)}′`;
  }
}
