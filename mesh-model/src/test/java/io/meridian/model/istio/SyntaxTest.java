package io.meridian.model.istio;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyntaxTest {

    @ParameterizedTest
    @CsvSource({"5s,5000", "0.5s,500", "1h30m,5400000", "100ms,100", "1.5h,5400000", ".5s,500", "0,0", "-1s,-1000"})
    void durationsAreReadInGosAndProtobufsForm(String text, long millis) {
        assertThat(Durations.parse(text)).contains(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "5 s", "1d", "1.2.3s", "99999999999999999h", "5s!"})
    void whatIsNoDurationIsNone(String text) {
        assertThat(Durations.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.2.3.4", "::", "::1", "fe80::1:2", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4"})
    void addressesAreKnown(String text) {
        assertThat(Syntax.isIpAddress(text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1.2.3",
                "1.2.3.4.",
                "1.2.3.256",
                "01.2.3.4",
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7:8:9",
                "g::"
            })
    void whatIsNoAddressIsNone(String text) {
        assertThat(Syntax.isIpAddress(text)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a.b-c.d", "*.a.com", "*-x.a.com", "*", "1a.com", "a.com."})
    void wildcardHostsAreKnown(String text) {
        assertThat(Syntax.wildcardHost(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a..b", "a.*.b", "a_b", "-a", "1.2.3.4", "a/b", "*.*"})
    void whatIsNoHostIsNone(String text) {
        assertThat(Syntax.wildcardHost(text)).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a+?", "(?i)x|y", "(?P<n>a)", "\\d{2,}", "[^]\\]]"})
    void whatRe2TakesIsAccepted(String pattern) {
        assertThat(Re2.problem(pattern)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "(", "a(?=b)", "(?<!a)b", "(a)\\1", "a*+", "[]a+b]++", "[a", "*"})
    void whatRe2DoesNotTakeIsRefused(String pattern) {
        assertThat(Re2.problem(pattern)).isPresent();
    }

    @Property(tries = 500)
    void arbitraryBytesAsASpecNeverThrow(@ForAll byte[] bytes) {
        for (IstioKinds.Kind kind : IstioKinds.supported()) {
            assertThat(IstioSpecs.parse(Specs.key(kind.kind()), "networking.istio.io/v1", ByteString.copyFrom(bytes)))
                    .isNotNull();
        }
    }

    @Property(tries = 500)
    void arbitraryTextNeverThrows(@ForAll @StringLength(max = 40) String text) {
        assertThat(Durations.parse(text)).isNotNull();
        assertThat(Re2.problem(text)).isNotNull();
        assertThat(Syntax.subnet(text)).isNotNull();
        assertThat(Syntax.wildcardHost(text)).isNotNull();
        assertThat(Syntax.labelKey(text)).isNotNull();
    }
}
