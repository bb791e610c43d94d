// The page's language: one dictionary at a time, sentences filled in, numbers and plurals as that language writes them.

// Browsers come without Nepali's numbers; they are written like Hindi's, in Nepali's own digits.
export const NUMBERS_OF_LANGUAGES = { ne: "hi-u-nu-deva" };

export const NAMES_OF_LANGUAGES = { en: "English", hi: "हिन्दी", te: "తెలుగు", el: "Ελληνικά", ne: "नेपाली" };

// An exponent, as ⁻⁷: Unicode raises no other digits than these.
export const raised = (exponent) =>
  [...String(exponent)].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("");

export const speaker = (first, language) => {
  let dictionary = first;
  let plural = null;
  let names = null;
  let formats = new Map();

  const use = (found, code) => {
    dictionary = found;
    language = code;
    plural = new Intl.PluralRules(code);
    names = new Intl.ListFormat(code, { type: "unit", style: "short" }); // with commas alone
    formats = new Map();
  };
  use(first, language);

  // A number as this language writes it; `form` is of Intl.NumberFormat.
  const written = (value, form) => {
    const key = JSON.stringify(form);
    if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(NUMBERS_OF_LANGUAGES[language] ?? language, form));
    return formats.get(key).format(value).replace(/\s/g, "\u00a0");
  };
  const count = (number) => written(number, { maximumFractionDigits: 0 });
  const signed = (value, digits = 2) =>
    (value <= -0.5 / 10 ** digits ? "−" : "") +
    written(Math.abs(value), { minimumFractionDigits: digits, maximumFractionDigits: digits }); // never "−0.00"
  const share = (value, form = { maximumFractionDigits: 0 }) => written(value, { style: "percent", ...form });
  // A very small number, as 1.8 × 10⁻⁷.
  const small = (value) => {
    if (value === 0) return count(0);
    const power = Math.floor(Math.log10(Math.abs(value)));
    return `${written(value / 10 ** power, { maximumFractionDigits: 1 })}\u00a0×\u00a0${count(10)}${raised(power)}`;
  };

  // A sentence of the dictionary, its {places} filled in. Numbers are written as this language does; a sentence that
  // has several forms is chosen by `count`. What is filled in only ever becomes text.
  const say = (key, values = {}) => {
    const entry = dictionary[key];
    const sentence =
      typeof entry === "object" && entry !== null && !Array.isArray(entry)
        ? (entry[plural.select(values.count)] ?? entry.other)
        : entry;
    if (typeof sentence !== "string") return key;
    return sentence.replace(/\{(\w+)\}/g, (place, name) => {
      if (!(name in values)) return place;
      const value = values[name];
      return typeof value !== "number"
        ? value
        : Number.isInteger(value)
          ? count(value)
          : written(value, { maximumSignificantDigits: 4 });
    });
  };
  const has = (key) => key in dictionary;
  const list = (words) => names.format(words);

  // Everything in the page that carries the name of a sentence: its text, its label, its tooltip, its placeholder.
  const translate = (root) => {
    for (const node of root.querySelectorAll("[data-say]")) node.textContent = say(node.dataset.say);
    for (const node of root.querySelectorAll("[data-say-label]"))
      node.setAttribute("aria-label", say(node.dataset.sayLabel));
    for (const node of root.querySelectorAll("[data-say-hint]"))
      node.setAttribute("placeholder", say(node.dataset.sayHint));
    root.lang = language;
  };
  return {
    use,
    say,
    has,
    list,
    written,
    count,
    signed,
    share,
    small,
    translate,
    language: () => language,
    dictionary: () => dictionary,
  };
};
