package io.meridian.model.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvoyTextsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "plain",
                "100%%",
                "%REQ(:path)% %REQ(X-A?:AUTHORITY):12%",
                "%START_TIME% %START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%",
                "%FILTER_STATE(a:FIELD:b)%",
                "%UPSTREAM_METADATA([\"a\", \"b\"])%"
            })
    void takesWhatEnvoyTakes(String text) {
        assertThat(CommandOperators.problem(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "50%|has a % at character 3 that begins no %COMMAND%",
                "a %req(x)%|has a % at character 3 that begins no %COMMAND%",
                "%%%|has a % at character 3 that begins no %COMMAND%",
                "%NOPE%|NOPE is none of the command operators",
                "%PROTOCOL(x)%|write %PROTOCOL% without arguments",
                "%PROTOCOL:3%|write %PROTOCOL% without arguments",
                "%REQ%|write %REQ(HEADER?ALTERNATIVE)% or",
                "%REQ(a b)%|write %REQ(HEADER?ALTERNATIVE)% or",
                "%REQ(a?b?c)%|write %REQ(HEADER?ALTERNATIVE)% or",
                "%START_TIME:3%|write %START_TIME% or %START_TIME(FORMAT)%",
                "%FILTER_STATE(a:b)%|write %FILTER_STATE(KEY:PLAIN",
                "%COMMON_DURATION(a:b:h)%|write %COMMON_DURATION(START:END:ms"
            },
            ignoreLeadingAndTrailingWhitespace = true,
            maxCharsPerColumn = 200)
    void saysWhatIsWrongAndWhatIsAllowed(String text, String problem) {
        assertThat(CommandOperators.problem(text).orElseThrow()).contains(problem);
    }

    @Test
    void readsAddressesAsProxiesDo() {
        assertThat(new String[] {"1.2.3.4", "::", "::1", "1:2:3:4:5:6:7::", "::ffff:1.2.3.4"})
                .allMatch(IpAddresses::isValid);
        assertThat(new String[] {"", "01.2.3.4", "1.2.3", "1.2.3.256", ":::", "1::2::3", "::1%lo", "[::1]", "a"})
                .noneMatch(IpAddresses::isValid);
    }
}
