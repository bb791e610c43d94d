// The state of the whole page: one reading, one selected word and unit. Every panel follows it and none holds its own.

import { lastWins } from "../client/lastWins";
import { speaker } from "../i18n/speaker";
import { WAYS } from "../model/colours";
import { isolated, visible } from "../model/text";

export const FEW = 12; // units shown at first

export const NOWHERE = { token: null, unit: null };

// page.reading     the reading that is shown (reading.js), null at first
// page.view        what is chosen: signal, layer (a number or "all"), direction (0, 1 or "both"), all units?, numbers?, tab;
//                  wish: the signal that the reader chose last, which a network without it cannot show
// page.hovered, page.pinned   a place {token, unit, layer, direction}; token and unit may each be null
// page.stepped     the pinned place, as long as the arrow keys have brought it there and nothing else was pressed
// page.range       [first, last] of the words chosen with shift, or null
// page.holds       what gate surgery holds: [{signal, value, tokens: [first, last], unit, layer, direction}]
// page.hiddenPanels, page.asking   what a teacher's link leaves out, and whether it asks where the answer will turn
// page.revealed    the reading of which that question has been answered, as its model and text; else null
// page.batch       the sentences of the packed batch, one a line
// page.missing     the name of a network that a link asked for and that is not here, until something else is read
// page.played      while the sentence is played, the last word that has been read; else null
// page.other       what the view Compare reads beside it, as far as that was chosen: {model, text}, or null
//
// A panel is {draw(), mark(), refused()}, any of them: draw when the reading, the language or a choice has changed; mark,
// which must be cheap, when only the selection has moved; refused when no other reading came though one was asked for.
export const makePage = (root, props, server) => {
  const speak = speaker(props.words, props.language);
  const panels = [];
  const known = {}; // what is known of each network, as a promise
  if (props.about?.name) known[props.about.name] = Promise.resolve(props.about);
  let frame = 0;

  const page = {
    ...speak,
    root,
    props,
    server,
    part: (selector) => root.querySelector(selector),
    reading: null,
    view: { signal: null, wish: null, layer: 0, direction: 0, all: false, numbers: false, tab: null },
    hovered: NOWHERE,
    pinned: NOWHERE,
    stepped: null,
    range: null,
    holds: [],
    played: null,
    missing: null,
    still: false,
    other: null,
    hiddenPanels: new Set(),
    asking: null,
    revealed: null,
    batch: props.batch?.lines ?? "",
    edges: [0],
    width: 0,

    add: (panel) => panels.push(panel),
    draw: () => {
      for (const panel of panels) panel.draw?.();
      page.mark();
    },
    // A question to read another text, or the same with something held, was in vain: what is shown stays.
    refused: () => {
      for (const panel of panels) panel.refused?.();
    },
    // At most once a frame, however many events there are.
    mark: () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        if (page.reading) for (const panel of panels) panel.mark?.();
      });
    },

    hover: (place) => {
      if (page.still) return;
      page.hovered = place ?? NOWHERE;
      page.mark();
    },
    // The page has moved under a pointer that stands still: what lies there now is not pointed at.
    holdStill: () => {
      page.still = true;
      page.hovered = NOWHERE;
      for (const kind of ["pointermove", "keydown"])
        addEventListener(kind, () => (page.still = false), { capture: true, once: true });
    },
    // A second pin at the same place lets go. What depends on the pinned unit (colours, cards) is drawn by mark.
    pin: (place) => {
      const same = ["token", "unit", "layer", "direction"].every((axis) => place[axis] === page.pinned[axis]);
      page.pinned = same ? NOWHERE : place;
      page.mark();
    },
    letGo: () => {
      page.pinned = NOWHERE;
      page.hovered = NOWHERE;
      page.range = null;
      page.mark();
    },
    // Panels that a teacher's link leaves out.
    hidePanels: (names) => {
      const there = [...root.querySelectorAll("[data-panel]")];
      page.hiddenPanels = new Set(names.filter((name) => there.some((node) => node.dataset.panel === name)));
      for (const node of there) node.classList.toggle("rv-off", page.hiddenPanels.has(node.dataset.panel));
    },
    // Whether the answers are covered, since the class has not said yet where they will turn. In a part of a text nobody
    // can tell, so there it is not asked.
    covered: () => page.asking !== null && !page.reading?.windowed && page.revealed !== page.readingKey(),
    readingKey: () => `${page.reading?.model}\n${page.reading?.text}`,
    choose: (changes) => {
      Object.assign(page.view, changes);
      if (changes.signal) page.view.wish = changes.signal;
      page.draw();
    },

    // The blocks of rows that the heatmap shows: top layer first, forward before backward.
    blocks: () => {
      const { reading, view } = page;
      const layers = view.layer === "all" ? [...Array(reading.layers).keys()].reverse() : [view.layer];
      const directions = view.direction === "both" ? [0, 1] : [view.direction];
      const many = layers.length * directions.length > 1;
      return layers.flatMap((layer) =>
        directions.map((direction) => ({ layer, direction, rows: page.rows(layer, direction, many ? FEW / 2 : FEW) })),
      );
    },
    // The units of a layer and direction that are shown; a pinned one always is.
    rows: (layer, direction, most = FEW) => {
      const order = page.reading.order[layer][direction];
      if (page.view.all) return order;
      const few = order.slice(0, most);
      const { unit } = page.pinned;
      const kept =
        unit !== null && page.pinned.layer === layer && page.pinned.direction === direction && !few.includes(unit);
      return kept ? [...few.slice(0, most - 1), unit] : few;
    },

    // Where the page looks: what is pointed at, else what is pinned, else a good place to begin. Never null.
    here: () => {
      const { hovered, pinned, reading } = page;
      const token = hovered.token ?? pinned.token ?? page.firstToken();
      const chosen = hovered.unit !== null ? hovered : pinned.unit !== null ? pinned : null;
      if (chosen) return { token, unit: chosen.unit, layer: chosen.layer, direction: chosen.direction };
      return page.busiest(Math.min(token, reading.tokens.length - 1));
    },
    // Of the units that are shown, the one whose memory this word changes most; of two alike, the upper one.
    busiest: (token) => {
      const { reading } = page;
      const memory = reading.signal(reading.memory);
      let most = { change: -1 };
      for (const { layer, direction, rows } of page.blocks()) {
        const last = reading.earlier(token, direction);
        for (const unit of rows) {
          const at = (t) => reading.value(memory, t, unit, layer, direction);
          const change = last === undefined ? 0 : Math.abs(at(token) - (last === null ? 0 : at(last)));
          if (change > most.change) most = { change, place: { token, unit, layer, direction } };
        }
      }
      return most.place;
    },
    firstToken: () => {
      if (page.covered()) return 0;
      const last = page.reading.turns.lastIndexOf(true);
      return last < 0 ? page.reading.tokens.length - 1 : last;
    },

    // In a network that reads both ways, whether what a unit holds depends on the whole text: it reads from the end, or
    // stands above one that does. The answers after the words do not: for each, the text up to there is read anew.
    knowsAll: ({ layer, direction }) => page.reading.directions > 1 && (direction === 1 || layer > 0),
    whichAnswers: () => (page.reading.directions > 1 ? [page.say("both_answers")] : []),
    // While the text is played, whether what a unit holds at a word is still to come.
    toCome: (place) =>
      page.played !== null &&
      (place.token > page.played || (page.knowsAll(place) && page.played < page.reading.tokens.length - 1)),

    // Which layer and direction: what is said over a block of rows, where there are several.
    blockOf: ({ layer, direction }, { layers, directions } = page.reading) => {
      const parts = [];
      if (layers > 1) parts.push(page.say("layer", { number: layer + 1 }));
      if (directions > 1) parts.push(page.say(direction === 0 ? "forward" : "backward"));
      return parts.join(" · ");
    },

    // Names, in this language where it has one, of signals, classes and networks.
    nameOf: (signal) => (page.has(`signal_${signal.name}`) ? page.say(`signal_${signal.name}`) : signal.name),
    meaningOf: (signal) => {
      const key = `meaning_${page.reading.cell}_${signal.name}`;
      return page.has(key) ? page.say(key) : signal.meaning;
    },
    // What stands under the scale of its colours: at the low end, in the middle, at the high end.
    scaleOf: ({ low, high, scale }) => {
      const end = (value) =>
        Number.isInteger(value) ? (value < 0 ? "−" : "") + page.count(Math.abs(value)) : page.signed(value);
      const beyond = scale > high; // a few values lie outside the colours, and have that of the end
      return [(beyond ? "≤ " : "") + end(low), low < 0 ? end(0) : "½", (beyond ? "≥ " : "") + end(high)];
    },
    // With how many digits after the point some numbers, as they are written, add up to their sum: two, or a few more.
    digitsFor: (parts, sum, most = 5) => {
      const adds = (digits) => {
        const whole = (value) => Math.sign(value) * Math.round(Math.abs(value) * 10 ** digits);
        return parts.reduce((all, part) => all + whole(part), 0) === whole(sum);
      };
      let digits = 2;
      while (digits < most && !adds(digits)) digits += 1;
      return digits;
    },
    // How far apart two numbers are as they are written, so that what is shown adds up.
    apart: (one, other, digits = 2) =>
      (Math.round(other * 10 ** digits) - Math.round(one * 10 ** digits)) / 10 ** digits,
    // Shares of one whole in whole per cent that add up to 100: what is lost by rounding down goes to the largest rests.
    sharesOf: (parts) => {
      const floors = parts.map((part) => Math.floor(100 * part + 1e-9));
      const order = parts
        .map((part, place) => ({ place, rest: 100 * part - floors[place] }))
        .sort((one, other) => other.rest - one.rest);
      const missing =
        Math.round(100 * parts.reduce((sum, part) => sum + part, 0)) - floors.reduce((sum, one) => sum + one, 0);
      for (const { place } of order.slice(0, Math.max(0, missing))) floors[place] += 1;
      return floors.map((one) => page.share(one / 100));
    },
    classOf: (label) => (page.has(`class_${label}`) ? page.say(`class_${label}`) : visible(label)),
    titleOf: (model) =>
      page.has(`model_${model}`)
        ? page.say(`model_${model}`)
        : visible(props.models.find(({ name }) => name === model)?.title ?? model),
    token: (t) => isolated(page.reading.tokens[t]),
    // A word that is told of without being shown: with its place where the text has it several times.
    wordAt: (t) => {
      const { tokens, start } = page.reading;
      return tokens.indexOf(tokens[t]) === tokens.lastIndexOf(tokens[t])
        ? page.token(t)
        : `${page.token(t)} (${page.say("word_at", { position: start + t + 1 })})`;
    },
    // A unit's number, with its layer and direction where there are several.
    unitOf: ({ unit, layer, direction }) => {
      const { layers, directions } = page.reading;
      const values = { unit, number: layer + 1, arrow: WAYS[direction] };
      if (layers === 1) return directions === 1 ? page.count(unit) : page.say("unit_of_way", values);
      return page.say(directions === 1 ? "unit_of_layer" : "unit_of_layer_way", values);
    },

    // What is known of a network without running it (about.py), as a promise: asked once, empty where nobody answers.
    about: (model) =>
      (known[model] ??= Promise.resolve(server?.about_model?.({ model }))
        .then((answer) => answer ?? {})
        .catch(() => {
          delete known[model]; // to be asked again
          return {};
        })),

    // What the server objects to, in this language.
    objection: ({ error, values, message }) => {
      if (!page.has(`error_${error}`)) return visible(message ?? error);
      const signal = page.reading?.signal(values.signal);
      return page.say(`error_${error}`, signal ? { ...values, signal: page.nameOf(signal) } : values);
    },
    // A question to one of the server's functions; of many, the last wins. Without a server there is no answer.
    asker: (name, on) =>
      lastWins((question) => (server?.[name] ? server[name](question) : Promise.reject(new Error("no server"))), {
        fail: () => {},
        wait: () => {},
        ...on,
        again: on.again && Boolean(server?.[name]),
      }),
  };
  return page;
};
