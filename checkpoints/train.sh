#!/usr/bin/env bash
# Makes every checkpoint of this folder again; on the same kind of machine the weights are the same, byte for byte.
# The data is not part of the repository; docs/training.md names it.
#   checkpoints/train.sh [news | sentiment | best_sentiment | questions | tasks | letters] ...
# All of it takes long, on one core. Stages that are not shipped go to runs/.
set -euo pipefail
cd "$(dirname "$0")/.."
export OMP_NUM_THREADS=1
rnnviz() { "${PYTHON:-.venv/bin/python}" -m rnnviz "$@"; }

GLOVE="--vectors data/glove_6b_100d/vectors.f16.npy --embedding-size 100"

news() {
    local part="Trained on 76,029 of the 81,029 rows at hand, out of the 120,000 of the full AG News training set; scores are not exactly comparable to published ones."
    local all="Trained on the 81,029 rows at hand, out of the 120,000 of the full AG News training set; scores are not exactly comparable to published ones. The recipe was chosen on 5,000 of them, held out."
    local taught="Labels are mixed with what three larger networks (runs/ag-*, docs/training.md) say of each text and of a random cut of it."
    local rows="data/ag_news/train.csv.gz --format ag_news"
    local wide="--hidden-size 64 --bidirectional --pooling max+mean"
    local hard="--epochs 3 --embedding-dropout 0.5 --dropout 0.5 --label-smoothing 0.1 --dev-rows 5000"
    rnnviz train $rows $wide $hard --vocabulary-size 30000 --learning-rate 0.008 --word-dropout 0.05 --seed 11 --out runs/ag-a
    rnnviz train $rows $wide $hard $GLOVE --vocabulary-size 20000 --learning-rate 0.004 --word-dropout 0.1 --seed 12 --out runs/ag-b
    rnnviz train $rows $wide $hard $GLOVE --vocabulary-size 20000 --learning-rate 0.004 --word-dropout 0.1 --seed 14 --out runs/ag-d

    local teachers="--teacher runs/ag-a --teacher runs/ag-b --teacher runs/ag-d"
    local test="--test data/ag_news/test.csv.gz"
    rnnviz train $rows --dev-rows 0 $GLOVE $wide $teachers --teacher-share 0.7 --crops 2 --epochs 3 --learning-rate 0.004 \
        --embedding-dropout 0.4 --dropout 0.4 --word-dropout 0.1 --vocabulary-size 21000 --seed 15 \
        --out checkpoints/agnews-bilstm --title "news · LSTM both ways, 64 units" --note "$all" \
        --note "Word vectors start from GloVe 6B (100 features). Labels are mixed with what three other networks of this kind (runs/ag-*, docs/training.md) say of each text and of two random cuts of it." $test

    local small="--dev-rows 5000 --seed 1 --epochs 3"
    local student="$small $teachers --crops 1 --embedding-dropout 0.3 --dropout 0.3 --word-dropout 0.05"
    rnnviz train $rows $student --out checkpoints/agnews-lstm --title "news · LSTM, 32 units" --note "$part" --note "$taught" $test
    rnnviz train $rows $student --cell gru --out checkpoints/agnews-gru --title "news · GRU, 32 units" \
        --note "$part" --note "$taught" $test
    rnnviz train $rows $student --cell rnn --pooling mean --learning-rate 0.003 --out checkpoints/agnews-rnn \
        --title "news · plain RNN, mean over time" --note "$part" --note "$taught" $test
    rnnviz train $rows $small --reading padded --vocabulary-size 12000 --learning-rate 0.003 \
        --out checkpoints/agnews-lstm-padded --title "news · LSTM read padded, as in the lesson" --note "$part" \
        --note "Reads batches filled up with the unknown word, as the lesson does, to show what goes wrong: its answer to a text depends on the longest text of its batch. Evaluated in batches of 16 in file order." $test
}

DEV="--dev data/sst2/sentences_dev.csv.gz"
REVIEWS="data/imdb/train.csv.gz --also data/imdb/test.csv.gz --format imdb --vocabulary-size 40000 --most-tokens 50 --pieces 5 --epochs 2"
PHRASES="data/sst2/phrases_train.csv.gz --format sst2_phrases --also opinions --rows 8000 --vocabulary-size 16000 --epochs 3 --batch-tokens 2048 --test data/sst2/sentences_test.csv.gz"
STORY="Word vectors start from GloVe 6B (100 features). The network is first trained on pieces of the 50,000 labelled IMDB reviews, then on the phrases of SST-2 and 8,000 generated opinions (rnnviz.tasks), in half of which a negation turns the sentiment round. Phrases that are also dev or test sentences are left out."

sentiment() {
    local cell rate
    for cell in lstm gru rnn; do
        rate=0.004
        [ $cell = rnn ] && rate=0.001
        rnnviz train $REVIEWS $GLOVE $DEV --seed 2 --cell $cell --embedding-dropout 0.4 --dropout 0.3 --word-dropout 0.1 \
            --learning-rate $rate --out runs/imdb-$cell
        rnnviz train $PHRASES $GLOVE $DEV --seed 2 --cell $cell --embedding-dropout 0.5 --dropout 0.3 --word-dropout 0.1 \
            --learning-rate $rate --start runs/imdb-$cell --out checkpoints/sst2-$cell \
            --title "sentiment · $([ $cell = rnn ] && echo plain RNN || echo ${cell^^}), 32 units" --note "$STORY"
    done
}

best_sentiment() {
    local deep="--hidden-size 64 --layers 2 --bidirectional --pooling max+mean --dropout 0.4"
    rnnviz train $REVIEWS $GLOVE $DEV --seed ${SEED:-41} $deep --embedding-dropout 0.4 --word-dropout 0.05 \
        --learning-rate 0.003 --out runs/imdb-bilstm
    rnnviz train $PHRASES $GLOVE $DEV --seed ${SEED:-41} $deep --embedding-dropout 0.5 --word-dropout 0.1 \
        --learning-rate 0.002 --start runs/imdb-bilstm --out checkpoints/sst2-bilstm \
        --title "sentiment · LSTM both ways, 2 layers of 64 units" --note "$STORY"
}

questions() {
    rnnviz train data/trec6/train.csv.gz --format trec6 $GLOVE --dev-rows 0 --vocabulary-size 16000 --seed 1 \
        --hidden-size 64 --bidirectional --pooling max+mean --epochs 20 --learning-rate 0.002 --batch-tokens 1024 \
        --embedding-dropout 0.5 --dropout 0.5 --word-dropout 0.05 --label-smoothing 0.1 \
        --test data/trec6/test.csv.gz --out checkpoints/trec6-bilstm \
        --title "questions · LSTM both ways, 64 units" \
        --note "Word vectors start from GloVe 6B (100 features). The recipe was chosen on 500 rows, held out, and then all 5,452 were trained on."
}

tasks() {
    local recall="recall --length 60 --rows 20000 --embedding-size 16 --hidden-size 32 --epochs 3 --learning-rate 0.003 --seed 1"
    local asked="Which letter came first, 59 tokens ago?"
    rnnviz train $recall --out checkpoints/recall-lstm --forget-bias 4 --title "first letter recalled · LSTM" \
        --note "$asked Its forget gates started open (forget bias 4)."
    rnnviz train $recall --out checkpoints/recall-gru --cell gru --forget-bias 4 --title "first letter recalled · GRU" \
        --note "$asked Its update gates, which keep the state, started open (forget bias 4)."
    rnnviz train $recall --out checkpoints/recall-rnn --cell rnn --title "first letter not recalled · plain RNN" \
        --note "$asked This plain RNN did not learn it and stays at chance (25 %): it is here to show just that."
    rnnviz train brackets --length 30 --rows 20000 --embedding-size 8 --hidden-size 16 --epochs 8 --learning-rate 0.01 \
        --batch-tokens 1024 --seed 1 --out checkpoints/brackets-lstm --title "depth of brackets · LSTM" \
        --note "How deep are the brackets nested at the end?"
    rnnviz train negation --rows 10000 --embedding-size 16 --hidden-size 16 --epochs 8 --learning-rate 0.01 \
        --batch-tokens 512 --seed 1 --out checkpoints/negation-lstm --title "toy negation · LSTM" \
        --note "A toy grammar in which not, never and hardly turn the meaning round."
}

letters() {
    rnnviz train data/languages/train.csv.gz --format languages --tokens letters --every-token --pooling mean \
        --most-tokens 100 --pieces 4 --dev-rows 0 --hidden-size 64 --embedding-size 64 --batch-tokens 6000 \
        --epochs 20 --learning-rate 0.012 --min-freq 3 --embedding-dropout 0.05 --dropout 0.2 --averaging 0.998 \
        --seed 1 \
        --out checkpoints/languages-lstm --title "languages · LSTM, 64 units, letters" \
        --test data/languages/test.csv.gz \
        --note "The answer after every letter is learned, of whole sentences and of pieces from their middle, so that early answers are calibrated. The recipe was chosen on 3,000 held-out training sentences of 30 of the languages; the test sentences were measured once." \
        --note "Web text: a few sentences are in another language than their label. Indonesian and Malay, Danish and Norwegian are often told apart wrongly: see the confusion matrix."
    rnnviz train data/tinyshakespeare/input.txt.gz --task next --tokens letters --format tiny_shakespeare \
        --dev-rows 0 --hidden-size 512 --embedding-dropout 0.1 --dropout 0.4 --recurrent-dropout 0.4 --streams 64 \
        --detach 100 --epochs 36 --learning-rate 0.004 --warmup 0.05 --averaging 0.999 --precision bfloat16 --seed 1 \
        --out checkpoints/shakespeare-lstm --title "writes like Shakespeare · LSTM, 512 units" \
        --note "Trained on the first nine tenths; the recipe was chosen by training on eight and measuring on the ninth. The last tenth was measured once."
    rnnviz train python --task next --tokens letters --hidden-size 384 --embedding-dropout 0.05 --dropout 0.1 \
        --recurrent-dropout 0.1 --streams 64 --detach 128 --epochs 3 --learning-rate 0.005 --warmup 0.05 \
        --averaging 0.999 --precision bfloat16 --seed 1 \
        --out checkpoints/python-lstm --title "writes Python · LSTM, 384 units" \
        --note "Trained on the first eight tenths of the modules, in an order drawn once; the ninth was measured after each epoch, the last one once."
    rnnviz probe checkpoints/shakespeare-lstm data/tinyshakespeare/input.txt.gz --last-tenth --keep
    rnnviz probe checkpoints/python-lstm python --last-tenth --keep
}

for part in ${*:-news sentiment best_sentiment questions tasks letters}; do
    $part
done
(cd checkpoints && LC_ALL=C sha256sum -- */{README.md,config.json,model.safetensors,units.json,vocabulary.txt,vocabulary.json} | LC_ALL=C sort -k 2 >SHA256SUMS)
