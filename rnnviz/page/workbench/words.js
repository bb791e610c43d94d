// The page's language: one dictionary at a time, sentences filled in, numbers and plurals as that language writes them.

// Browsers come without Nepali's numbers; they are written like Hindi's, in Nepali's own digits.
const NUMBERS_OF_LANGUAGES = { ne: "hi-u-nu-deva" };
const NAMES_OF_LANGUAGES = { en: "English", hi: "हिन्दी", te: "తెలుగు", el: "Ελληνικά", ne: "नेपाली" };

const speaker = (first, language) => {
  let dictionary = first;
  let plural = null;
  let whole = null;
  let two = null;
  let percent = null;
  let digits = null;
  let names = null;

  const use = (found, code) => {
    dictionary = found;
    language = code;
    const digit = NUMBERS_OF_LANGUAGES[code] ?? code;
    plural = new Intl.PluralRules(code);
    names = new Intl.ListFormat(code, { type: "unit", style: "short" }); // with commas alone
    whole = new Intl.NumberFormat(digit, { maximumFractionDigits: 0 });
    two = new Intl.NumberFormat(digit, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    digits = new Intl.NumberFormat(digit, { maximumSignificantDigits: 4 });
    percent = new Intl.NumberFormat(digit, { style: "percent", maximumFractionDigits: 0 });
  };
  use(first, language);

  const count = (number) => whole.format(number);
  const signed = (value) => (value <= -0.005 ? "−" : "") + two.format(Math.abs(value)); // never "−0.00"
  const share = (value) => percent.format(value).replace(/\s/g, "\u00a0");
  // A very small number, as 1.8 × 10⁻⁷.
  const small = (value) => {
    if (value === 0) return count(0);
    const power = Math.floor(Math.log10(Math.abs(value)));
    const raised = [...String(power)].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("");
    return `${digits.format(Number((value / 10 ** power).toFixed(1)))}\u00a0×\u00a010${raised}`;
  };

  // A sentence of the dictionary, its {places} filled in. Numbers are written as this language does; a sentence that
  // has several forms is chosen by `count`. What is filled in only ever becomes text.
  const say = (key, values = {}) => {
    const entry = dictionary[key];
    const sentence = typeof entry === "object" && entry !== null && !Array.isArray(entry) ? (entry[plural.select(values.count)] ?? entry.other) : entry;
    if (typeof sentence !== "string") return key;
    return sentence.replace(/\{(\w+)\}/g, (place, name) => {
      if (!(name in values)) return place;
      const value = values[name];
      return typeof value !== "number" ? value : Number.isInteger(value) ? count(value) : digits.format(value);
    });
  };
  const has = (key) => key in dictionary;
  const list = (words) => names.format(words);

  // Everything in the page that carries the name of a sentence: its text, its label, its tooltip, its placeholder.
  const translate = (root) => {
    for (const node of root.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
    for (const node of root.querySelectorAll("[data-say-label]")) node.setAttribute("aria-label", say(node.dataset.sayLabel));
    for (const node of root.querySelectorAll("[data-say-hint]")) node.setAttribute("placeholder", say(node.dataset.sayHint));
    root.lang = language;
  };
  return { use, say, has, list, count, signed, share, small, translate, language: () => language, dictionary: () => dictionary };
};
