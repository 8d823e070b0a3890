package io.meridian.model.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 1123, section 2.1, and RFC 1035, section 2.3.4: what a DNS label is. */
class MeshIdTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "0", "bookinfo", "a-b", "a--b", "9z", "0-9"})
    void labelsAreNames(String label) {
        assertThat(MeshId.isValid(label)).isTrue();
        assertThat(new MeshId(label).value()).isEqualTo(label);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "-a", "a-", "A", "a_b", "a.b", "a b", "ä", "a/b", "a\n"})
    void othersAreRefusedByWhatTheyAre(String other) {
        assertThat(MeshId.isValid(other)).isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MeshId(other))
                .withMessageContaining("DNS label")
                .withMessageEndingWith(other);
    }

    @Test
    void sixtyThreeCharactersAreTheMost() {
        assertThat(MeshId.isValid("a".repeat(63))).isTrue();
        assertThat(MeshId.isValid("a".repeat(64))).isFalse();
    }
}
