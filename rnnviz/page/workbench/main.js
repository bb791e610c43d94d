// The page is put together here: state, panels, the first picture.

const root = element.querySelector(".rv-page");
const page = makePage(root, props, typeof server === "undefined" ? null : server);
const words = strip(page);
const play = playing(page, words);
page.stopPlaying = play.stop;
const written = typing(page);
const below = views(page, { packed, reach, gates, compare, train });

page.go = (place) => {
  play.stop();
  if (place.other !== undefined) page.other = place.other;
  if (place.batch !== undefined) page.batch = place.batch;
  written.go(place);
  if (place.tab) below.show(place.tab);
};
for (const panel of [written, teaching(page), words, choosing(page), heatmap(page), tables(page), ledger(page), story(page), cell(page), surgery(page), opened(page), unit(page), play, below]) page.add(panel);

const tongue = languages(page);
const link = links(page, tongue);
for (const panel of [saving(page), classLink(page, link), lessons(page), tour(page)]) page.add(panel);

for (const text of root.querySelectorAll(".rv-account, .rv-moment, .rv-two-readings, .rv-cell-card > .rv-where, .rv-did, .rv-hold-hint")) steady(text);
onWidth(page.part(".rv-scroll"), () => {
  page.width = page.part(".rv-scroll").clientWidth;
  page.draw();
});
new MutationObserver(() => page.draw()).observe(document.body, { attributes: true, attributeFilter: ["class"] });
page.translate(root);
if (!page.server) { // a file of its own: what needs the network that read is left out, and its name is said at the top
  root.classList.add("rv-alone");
  page.part(".rv-top p").textContent = page.titleOf(props.value.model);
}
written.begin();
if (page.server) {
  below.show("packed");
  tongue.begin(link.begin());
}
