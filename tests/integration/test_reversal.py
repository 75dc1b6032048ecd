"""Random sequences of import, merge, split, merge by hand, answer, withdrawal and undo."""

from collections import Counter

import pytest

from tests.support.reversal import Sequence, know_numbers

# Together 50: a part each, so that the processes of a run share them.
PARTS, SEQUENCES = 10, 5


@pytest.mark.rehearsal
@pytest.mark.timeout(400)  # on a busy machine
@pytest.mark.parametrize("part", range(PARTS))
def test_an_undo_leaves_what_the_remaining_inputs_give(session, cipher, steward, part):
    know_numbers(session, cipher)
    start = Sequence(session, cipher, steward.id, seed=part, fresh={})
    start.begin(files=3)
    done: Counter[str] = Counter()
    for place in range(SEQUENCES):
        whole = session.begin_nested()
        sequence = start.go_on(seed=1000 * part + place)
        sequence.run(steps=2 + place % 2)
        done += sequence.done
        whole.rollback()
        session.expunge_all()

    assert done["undo"] + done["withdraw"] >= SEQUENCES
    assert len(done.keys() & {"import", "split", "unite", "answer"}) > 1
