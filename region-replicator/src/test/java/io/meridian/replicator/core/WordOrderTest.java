package io.meridian.replicator.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.replicator.core.WordOrder.Verdict;
import org.junit.jupiter.api.Test;

class WordOrderTest {
    private final WordOrder second = WordOrder.of(77).after(1).after(2);

    @Test
    void wordsAreTakenOneAfterTheOther() {
        assertThat(WordOrder.of(77).judge(77, 1)).isEqualTo(Verdict.NEXT);
        assertThat(second.judge(77, 3)).isEqualTo(Verdict.NEXT);
    }

    @Test
    void oneThatComesAgainOrLateIsStale() {
        assertThat(second.judge(77, 2)).isEqualTo(Verdict.STALE);
        assertThat(second.judge(77, 1)).isEqualTo(Verdict.STALE);
    }

    @Test
    void oneThatOvertookAnotherShowsThatSomethingIsMissing() {
        assertThat(second.judge(77, 4)).isEqualTo(Verdict.MISSING);
        assertThat(WordOrder.of(77).judge(77, 2)).isEqualTo(Verdict.MISSING);
    }

    @Test
    void oneOfAnotherStreamIsStaleWhateverItsNumber() {
        assertThat(second.judge(78, 3)).isEqualTo(Verdict.STALE);
        assertThat(second.judge(78, 9)).isEqualTo(Verdict.STALE);
    }

    @Test
    void wordsWithoutNumbersAreTakenAsTheyCome() {
        assertThat(second.judge(0, 0)).isEqualTo(Verdict.NEXT);
    }
}
