// Puts the page together: state, panels, the first picture.

import "./styles/index.css";
import { engineLine, engineTrainer } from "./client/engineLine";
import { hostOf, trainedHere } from "./client/host";
import { templateOf } from "./client/shell";
import type { Destination, Language, Props, Server } from "./client/types";
import { ownExample } from "./model/ownExample";
import { cell } from "./panels/cell";
import { changeWord } from "./panels/changeWord";
import { classLink } from "./panels/classLink";
import { classQuestion } from "./panels/classQuestion";
import { copyPython } from "./panels/copyPython";
import { folds } from "./panels/folds";
import { gateSums } from "./panels/gateSums";
import { heatmap } from "./panels/heatmap";
import { heatmapChoices } from "./panels/heatmapChoices";
import { heatmapTable } from "./panels/heatmapTable";
import { type LanguageMenu, languageMenu } from "./panels/languageMenu";
import { ledger } from "./panels/ledger";
import { lessons } from "./panels/lessons";
import { modelCard } from "./panels/modelCard";
import { notes } from "./panels/notes";
import { path } from "./panels/path";
import { type Player, player } from "./panels/player";
import { receipt } from "./panels/receipt";
import { save } from "./panels/save";
import { type SentencePanel, sentence } from "./panels/sentence";
import { story } from "./panels/story";
import { strip } from "./panels/strip";
import { surgery } from "./panels/surgery";
import { tour } from "./panels/tour";
import { unit } from "./panels/unit";
import { type Address, address } from "./state/address";
import { makePage, type Page } from "./state/page";
import { fitPaper, lieAround } from "./ui/around";
import { all, onWidth, steady } from "./ui/dom";
import { attribution } from "./views/attribution";
import { compare } from "./views/compare";
import { find } from "./views/find";
import { gates } from "./views/gates";
import { groups } from "./views/groups";
import { inCode } from "./views/inCode";
import { ownTexts } from "./views/ownTexts";
import { packed } from "./views/packed";
import { projection } from "./views/projection";
import { reach } from "./views/reach";
import { slices } from "./views/slices";
import { train } from "./views/train";
import { type MakeView, type Views, views } from "./views/views";
import { write } from "./views/write";

// Texts that change under the pointer.
const STEADY = ".rv-account, .rv-moment, .rv-two-readings, .rv-cell-card > .rv-where, .rv-did, .rv-hold-hint";

/** Make the page in an element that holds its template. A saved file has no server. */
export const start = (element: HTMLElement, given: Props, python: Server | null): void => {
  const root = element.querySelector<HTMLElement>(".rv-page");
  if (!root) throw new Error("there is no template of the page");
  lieAround();
  const means = { line: engineLine, trainer: engineTrainer, template: templateOf(root) };
  const host = hostOf(python, given, means);
  const props = trainedHere(given, python);
  const { server } = host;
  const page = makePage(root, props, host);
  const words = strip(page);
  const play = player(page, words);
  const written = sentence(page);
  const below = views(page, viewsOf(server));
  page.provide({
    stopPlaying: play.stop,
    go: goesTo(page, play, written, below),
    showView: (name) => below.show(name),
  });
  const about = [
    changeWord,
    heatmapChoices,
    heatmap,
    heatmapTable,
    ledger,
    story,
    receipt,
    modelCard,
    cell,
    surgery,
    gateSums,
    unit,
  ];
  for (const panel of [written, classQuestion(page), words]) page.add(panel);
  for (const panel of about) page.add(panel(page));
  for (const panel of [play, below]) page.add(panel);
  folds(page);
  for (const panel of [notes(page), path(page)]) page.add(panel);
  const tongue = languageMenu(page);
  const link = address(page, tongue);
  copyPython(page);
  for (const panel of [save(page), classLink(page, link), lessons(page), tour(page)]) page.add(panel);

  for (const text of all(root, STEADY)) steady(text);
  const scroll = page.part(".rv-scroll");
  onWidth(scroll, () => {
    page.setWidth(scroll.clientWidth);
    page.draw();
  });
  new MutationObserver(() => page.draw()).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  const { classList } = document.body;
  let wasDark = false;
  addEventListener("beforeprint", () => {
    wasDark = classList.contains("dark");
    classList.remove("dark"); // paper is white
    page.draw();
    page.markNow();
    fitPaper(root);
  });
  addEventListener("afterprint", () => classList.toggle("dark", wasDark));
  page.translate(root);
  if (!server) nameFile(page);
  written.begin();
  if (server) begin(page, link, tongue);
};

/** Begin at the link that leads here, in the language that it names or that suits the visitor. */
const begin = (page: Page, link: Address, tongue: LanguageMenu): void => {
  const asked = link.begin();
  const { place, language: kept } = page.props;
  const language = tongue.begin(asked ?? (place ? kept : null)); // a saved page keeps its language
  if (!place && !link.leads()) readIn(page, language);
};

/** Begin with a sentence in the visitor's own language, if a network here knows it. */
const readIn = (page: Page, language: Language): void => {
  const chip = ownExample(page.props.chips, language);
  if (chip && language !== "en") page.go({ model: chip.model, text: chip.text });
};

/** In a saved file, what needs the network is left out. */
const viewsOf = (server: Server | null): Record<string, MakeView> =>
  server
    ? {
        write,
        packed,
        reach,
        attribution,
        gates,
        compare,
        find,
        projection,
        groups,
        slices,
        code: inCode,
        own: ownTexts,
        train,
      }
    : { code: inCode };

/** What views show of a network. */
const setViews = (page: Page, model: string, { writing, finding, slice }: Destination): void => {
  if (writing !== undefined) page.setWriting(model, writing);
  if (finding !== undefined) page.setFinding(model, finding);
  if (slice !== undefined) page.setSlice(model, slice);
};

/** Go to a place: each part goes to its own part of it. */
const goesTo =
  (page: Page, play: Player, written: SentencePanel, below: Views) =>
  (place: Destination): void => {
    play.stop();
    if (place.other !== undefined) page.setOther(place.other);
    const model = place.model ?? page.shown?.model ?? page.props.value.model;
    setViews(page, model, place);
    if (place.batch !== undefined) page.setBatch(place.batch);
    written.go(place);
    if (place.tab !== undefined) below.go(model, place.tab);
  };

/** In a saved file, what needs the network is left out, and the network's name is said at the top. */
const nameFile = (page: Page): void => {
  page.root.classList.add("rv-alone");
  page.part(".rv-top p").textContent = page.titleOf(page.props.value.model);
};
