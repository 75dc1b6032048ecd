"""A thousand random sequences of import, merge, split, merge by hand, answer, withdrawal and undo.

After each undo, and in every fourth sequence after each step, the registry is compared with what a
merge from nothing makes of the same inputs. A few sequences run in `make test`
(tests/integration/test_reversal.py).
"""

from collections import Counter

import pytest

from tests.soak.harness import seed_of_run
from tests.support.reversal import FILES, Sequence, know_numbers
from tests.support.scale import scaled

PARTS = 10  # several, so that the processes of a run share them


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_thousand_sequences_can_be_taken_back(session, cipher, steward, figures, part):
    figures["seed"] = seed = seed_of_run()
    know_numbers(session, cipher)
    start = Sequence(session, cipher, steward.id, seed=seed + part, fresh={})
    start.begin(files=2 + part % (len(FILES) - 2))
    done: Counter[str] = Counter()
    for place in range(-(-scaled(1000) // PARTS)):
        whole = session.begin_nested()
        sequence = start.go_on(seed=seed + 1000 * part + place)
        sequence.run(steps=sequence.chance.randrange(3, 7), always=place % 4 == 0)
        done += sequence.done
        whole.rollback()
        session.expunge_all()
        figures["sequences"] = place + 1
        figures["done"] = dict(done)

    assert done["undo"] + done["withdraw"] >= figures["sequences"]
