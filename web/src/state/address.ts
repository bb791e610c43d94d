// Every view is a link. The address's fragment, which no server ever sees, carries what is chosen; it is written when
// the reader asks for a link, not at every key, so that what is typed does not pile up in the browser's history.

import { visible } from "../model/text";
import { copyText } from "../ui/dom";
import { NOWHERE } from "./page";

export const address = (page, tongue) => {
  const KEPT = "rnnviz-place"; // in session storage, for when the page is loaded again
  const NUMBERS = ["start", "token", "unit"];
  const told = page.part(".rv-link");

  // What is left out and asked may be other than what this page itself leaves out and asks: a link for a class.
  const write = ({ hiddenPanels, asking } = page) => {
    const { reading, view, holds } = page;
    const { pinned, range } = asking ? { pinned: NOWHERE, range: null } : page; // the word is what is asked
    const place = new URLSearchParams({
      model: reading.model,
      text: reading.text,
      signal: view.signal,
      layer: view.layer,
      direction: view.direction,
      lang: page.language(),
    });
    if (reading.start) place.set("start", reading.start);
    if (pinned.token !== null) place.set("token", pinned.token + reading.start);
    if (pinned.unit !== null) place.set("unit", pinned.unit);
    const [block] = page.blocks();
    if (pinned.unit !== null && (pinned.layer !== block.layer || pinned.direction !== block.direction))
      place.set("at", `${pinned.layer}-${pinned.direction}`);
    if (view.all) place.set("all", 1);
    if (view.tab) place.set("view", view.tab);
    if (range) place.set("range", range.join("-"));
    if (page.other)
      for (const side of ["model", "text"])
        if (page.other[side] !== undefined) place.set(`other_${side}`, page.other[side]);
    for (const { signal, value, tokens, unit, layer, direction } of holds)
      place.append("hold", [signal, value, ...tokens, unit, layer, direction].join(":"));
    if (hiddenPanels.size) place.set("hide", [...hiddenPanels].join(","));
    if (asking) place.set("ask", asking);
    return `#${place}`;
  };

  const whole = (text) => (/^\d{1,7}$/.test(text ?? "") ? Number(text) : undefined);
  const holdOf = (text) => {
    const [signal, value, first, last, unit, layer, direction] = text.split(":");
    return {
      signal,
      value: Number(value),
      tokens: [whole(first), whole(last)],
      unit: whole(unit),
      layer: whole(layer),
      direction: whole(direction),
    };
  };
  // What a fragment asks for. Nothing in it is trusted: page.go and the server check what they take.
  const read = (fragment) => {
    const found = new URLSearchParams(fragment.replace(/^#/, ""));
    const place = {};
    for (const name of ["model", "text", "signal"]) if (found.has(name)) place[name] = found.get(name).slice(0, 64000);
    for (const name of NUMBERS) place[name] = whole(found.get(name));
    if (place.token !== undefined) place.token -= place.start ?? 0;
    place.layer = found.get("layer") === "all" ? "all" : whole(found.get("layer"));
    place.direction = found.get("direction") === "both" ? "both" : whole(found.get("direction"));
    if (found.has("at"))
      [place.at] = [found.get("at").split("-").map(whole)].map(([layer, direction]) => ({ layer, direction }));
    if (found.has("all")) place.all = found.get("all") === "1";
    if (found.has("view")) place.tab = found.get("view");
    if (found.has("range")) place.range = found.get("range").split("-").map(Number);
    if (found.has("other_model") || found.has("other_text"))
      place.other = Object.fromEntries(
        ["model", "text"]
          .filter((side) => found.has(`other_${side}`))
          .map((side) => [side, found.get(`other_${side}`)]),
      );
    if (found.has("hold")) place.holds = found.getAll("hold").slice(0, 20).map(holdOf);
    return {
      place,
      language: found.get("lang"),
      hide: (found.get("hide") ?? "").split(",").filter(Boolean),
      ask: found.get("ask"),
    };
  };

  const follow = (fragment) => {
    const { place, language, hide, ask } = read(fragment);
    page.hidePanels(hide);
    page.asking = ask === "turn" ? ask : null;
    page.revealed = null;
    if (language) tongue.change(language);
    page.missing = null;
    if (place.model !== undefined && !page.props.models.some(({ name }) => name === place.model)) {
      page.missing = visible(place.model.slice(0, 60)); // it is said which network reads instead
      delete place.model;
    }
    if (place.text !== undefined || place.model !== undefined || page.missing)
      page.go({ text: page.props.value.text, ...place });
    else page.draw();
  };

  // An example replaces what was read. The browser's Back brings that back: it is kept with the entry, not in its address.
  page.visit = (place) => {
    page.missing = null;
    if (page.reading && page.server && !page.isBlank()) {
      history.replaceState({ rnnviz: write() }, "");
      history.pushState({}, "");
    }
    page.go(place);
  };
  addEventListener("popstate", ({ state }) => state?.rnnviz && follow(state.rnnviz));

  const copy = async () => {
    if (!page.reading || page.isBlank()) return;
    const fragment = write();
    history.replaceState(null, "", fragment);
    told.textContent = page.say((await copyText(location.href)) ? "link_copied" : "link_in_address");
    setTimeout(() => (told.textContent = page.say("link")), 2500);
  };

  // Where the page begins: at its own place if it is loaded again; at its link; else at the example.
  const begin = () => {
    const again = performance.getEntriesByType("navigation")[0]?.type !== "navigate";
    let kept = null;
    try {
      kept = again ? sessionStorage.getItem(KEPT) : null;
      addEventListener(
        "pagehide",
        () => page.reading && page.server && !page.isBlank() && sessionStorage.setItem(KEPT, write()),
      );
    } catch {
      // a browser that keeps nothing still reads links
    }
    const fragment = kept ?? (location.hash.length > 1 ? location.hash : null);
    if (fragment) follow(fragment);
    return fragment ? read(fragment).language : null;
  };
  told.addEventListener("click", copy);
  addEventListener("hashchange", () => location.hash.length > 1 && follow(location.hash));
  return { begin, write, read };
};
