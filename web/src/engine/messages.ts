// Made from rnnviz/errors.py by `python -m rnnviz.page.engine_messages`: what the engine may object.

// biome-ignore format: one sentence a line
export const MESSAGES = {
  unknown_name:
    "There is no {kind} {given!r}; choose one of {choices}.{hint}",
  layer_range:
    "There is no layer {given}: this network has {layers}.\nCount from 0, or from the top with -1.",
  opened_place:
    "There is no {kind} {given} here; there are {count:,}, counted from 0.\nChoose one of them.",
  clamp_place:
    "A clamp is on the {kind}s {given}; this reading has {count:,} {kind}s.\nChoose at least one, counted from 0, or from the end with -1.",
  clamp_range:
    "The {signal} signal cannot be held at {given:g}.\nChoose a value from {low:g} to {high:g}.",
  hold_form:
    "What is to be held was not given as signal, value, first and last word, units, layer and direction.\nGive all of them.",
  hold_state:
    "The {signal} signal follows from the gates and the candidate, so it is not held here.\nHold gates or candidates instead.",
  attribution_whole:
    "What each word gives to a score is saved of a text of at most {limit:,} words, with nothing held.\nLet go of what is held, or shorten the text.",
  holds_many:
    "At most {most} signals are held at once; found {found}.\nLet go of some.",
  checkpoint_missing:
    "There is no checkpoint in {path}: {name} is missing.\nPass a folder such as {example}.",
  checkpoint_lfs:
    "{path} is a Git LFS pointer, not the file itself.\nRun `git lfs pull`.",
  checkpoint_large:
    "{path} has {found:,} bytes; at most {limit:,} are read.\nIt is damaged, or not made by rnnviz.",
  checkpoint_damaged:
    "{path} is damaged: wanted {wanted}, found {found}.\nFetch the file again.",
  checkpoint_line_ends:
    "{path} has other line ends than it was saved with: Git turned them into those of Windows (CRLF).\nRun `git config core.autocrlf false`, delete {folder}, and run `git checkout -- {folder}`.",
  checkpoint_header:
    "{path} has a header that rnnviz does not accept: {problem}.\nPut the original file back.",
  checkpoint_config:
    "{path}: {problem}.\nPut the original file back.",
  checkpoint_weights:
    "{path}: the weights do not fit the settings. {problem}.\nTake all files from the same checkpoint.",
  checkpoint_nonfinite:
    "{path}: {found} are not finite, so it was not loaded.\nTrain again with a lower learning rate.",
  checkpoint_vocabulary:
    "{path}: the vocabulary has {found:,} entries but the embedding has {wanted:,} rows.\nWeights and vocabulary do not belong together.",
  checkpoint_probe:
    "This checkpoint does not reproduce its own test sentence (expected {expected:+.2f}, got {found:+.2f}): weights, vocabulary and settings do not belong together.",
  text_long:
    "This text has {length:,} tokens; at most {limit:,} are read at once.\nRead it in parts.",
  upload_lost:
    "The file did not arrive whole, or the server no longer has it.\nChoose it again.",
  training_nan:
    "The loss stopped being a number in epoch {epoch}, step {step}.\nBegin again with a learning rate below {rate:g}, for example {advice:g}.",
  training_range:
    "{setting} must be a number from {low:g} to {high:g}.\nChoose one between them.",
  training_line:
    "{waiting} trainings are already waiting in the queue.\nTry again in a minute.",
  training_gone:
    "The server no longer has this training: nobody asked for it for {seconds:g} seconds.\nStart it once more.",
  training_broke:
    "The training stopped because of a bug in rnnviz.\nStart it once more, or with other settings.",
} as const;

export type MessageKey = keyof typeof MESSAGES;
