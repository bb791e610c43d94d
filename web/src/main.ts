// Puts the page together: state, panels, the first picture.

import { cell } from "./panels/cell";
import { classLink } from "./panels/classLink";
import { classQuestion } from "./panels/classQuestion";
import { gateSums } from "./panels/gateSums";
import { heatmap } from "./panels/heatmap";
import { heatmapChoices } from "./panels/heatmapChoices";
import { heatmapTable } from "./panels/heatmapTable";
import { languageMenu } from "./panels/languageMenu";
import { ledger } from "./panels/ledger";
import { lessons } from "./panels/lessons";
import { player } from "./panels/player";
import { save } from "./panels/save";
import { sentence } from "./panels/sentence";
import { story } from "./panels/story";
import { strip } from "./panels/strip";
import { surgery } from "./panels/surgery";
import { tour } from "./panels/tour";
import { unit } from "./panels/unit";
import { address } from "./state/address";
import { makePage } from "./state/page";
import { onWidth, steady } from "./ui/dom";
import { compare } from "./views/compare";
import { gates } from "./views/gates";
import { packed } from "./views/packed";
import { reach } from "./views/reach";
import { train } from "./views/train";
import { views } from "./views/views";
import "./styles/index.css";

export const start = (element, props, server) => {
  const root = element.querySelector(".rv-page");
  const page = makePage(root, props, server);
  const words = strip(page);
  const play = player(page, words);
  page.stopPlaying = play.stop;
  const written = sentence(page);
  const below = views(page, { packed, reach, gates, compare, train });

  page.go = (place) => {
    play.stop();
    if (place.other !== undefined) page.other = place.other;
    if (place.batch !== undefined) page.batch = place.batch;
    written.go(place);
    if (place.tab) below.show(place.tab);
  };
  for (const panel of [
    written,
    classQuestion(page),
    words,
    heatmapChoices(page),
    heatmap(page),
    heatmapTable(page),
    ledger(page),
    story(page),
    cell(page),
    surgery(page),
    gateSums(page),
    unit(page),
    play,
    below,
  ])
    page.add(panel);

  const tongue = languageMenu(page);
  const link = address(page, tongue);
  for (const panel of [save(page), classLink(page, link), lessons(page), tour(page)]) page.add(panel);

  for (const text of root.querySelectorAll(
    ".rv-account, .rv-moment, .rv-two-readings, .rv-cell-card > .rv-where, .rv-did, .rv-hold-hint",
  ))
    steady(text);
  onWidth(page.part(".rv-scroll"), () => {
    page.width = page.part(".rv-scroll").clientWidth;
    page.draw();
  });
  new MutationObserver(() => page.draw()).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  page.translate(root);
  if (!page.server) {
    // a file of its own: what needs the network that read is left out, and its name is said at the top
    root.classList.add("rv-alone");
    page.part(".rv-top p").textContent = page.titleOf(props.value.model);
  }
  written.begin();
  if (page.server) {
    below.show("packed");
    tongue.begin(link.begin());
  }
};
