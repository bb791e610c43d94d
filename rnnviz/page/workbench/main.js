// The page is put together here: state, panels, the first picture.

const root = element.querySelector(".rv-page");
const page = makePage(root, props, typeof server === "undefined" ? null : server);
const words = strip(page);
const play = playing(page, words);
const written = typing(page, () => {});
const below = views(page, { packed });

page.go = (place) => {
  play.stop();
  written.go(place);
  if (place.tab) below.show(place.tab);
};
for (const panel of [written, words, choosing(page), heatmap(page), ledger(page), story(page), unit(page), play, below]) page.add(panel);

const tongue = languages(page);

onWidth(page.part(".rv-scroll"), page.draw);
new MutationObserver(() => page.draw()).observe(document.body, { attributes: true, attributeFilter: ["class"] });
page.translate(root);
written.begin();
below.show("packed");
tongue.begin(null);
