"""``rnnviz`` with a training that takes its time after its first epoch, so that a test can stop it from outside."""

import time

from rnnviz import cli
from rnnviz.training.learner import Learner

learn = Learner.learn


def slowly(learner, batch):
    if learner.epoch > 1:
        time.sleep(0.5)
    learn(learner, batch)


if __name__ == "__main__":
    Learner.learn = slowly
    cli.main()
