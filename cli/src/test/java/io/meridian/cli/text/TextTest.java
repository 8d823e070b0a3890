package io.meridian.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextTest {
    @Test
    void aPositionIsEpochAndSeqOrSeqAlone() {
        assertThat(Positions.parse("64.12")).contains(new Positions.Written(OptionalLong.of(64), 12));
        assertThat(Positions.parse("12")).contains(new Positions.Written(OptionalLong.empty(), 12));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "1.", ".1", "1.2.3", "-1", "+1", "1.-2", " 1", "a", "99999999999999999999", "１"})
    void anythingElseIsNoPosition(String text) {
        assertThat(Positions.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"500ms,500", "10s,10000", "1m30s,90000", "1.5h,5400000", "2d,172800000", "0,0", "0.5ms,0"})
    void aDurationHasUnits(String text, long millis) {
        assertThat(Durations.parse(text).map(Duration::toMillis)).contains(millis);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "5x", "-5s", "5s ", "1.s", "1e3s", "5ss"})
    void aNumberWithoutAUnitIsNoDuration(String text) {
        assertThat(Durations.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "-5,0s",
        "0,0s",
        "350,350ms",
        "1250,1.3s",
        "12000,12s",
        "119000,119s",
        "185000,3m5s",
        "3600000,60m",
        "14400000,4h",
        "12600000,3h30m",
        "183600000,2d3h",
        "3456000000,40d"
    })
    void agesAreShort(long millis, String text) {
        assertThat(Durations.brief(Duration.ofMillis(millis))).isEqualTo(text);
    }

    @Test
    void jsonEscapesWhatItHasTo() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("a\"b", "line\nfeed\\\t\u0001é");
        tree.put("numbers", List.of(1L, 2.5, true));
        tree.put("none", List.of());
        tree.put("empty", Map.of());
        assertThat(Json.line(tree))
                .isEqualTo(
                        "{\"a\\\"b\":\"line\\nfeed\\\\\\t\\u0001é\",\"numbers\":[1,2.5,true],\"none\":[],\"empty\":{}}\n");
        assertThat(Json.pretty(Arrays.asList(1L, null))).isEqualTo("[\n  1,\n  null\n]\n");
    }

    @Test
    void aTableStaysOnItsLines() {
        Table table = new Table("A", "B").row("x\ny", "").row("wide cell", "2");
        assertThat(table.text(true)).isEqualTo("A           B\nx y         -\nwide cell   2\n");
        assertThat(table.text(false)).startsWith("x y");
        assertThat(new Table("A").text(true)).isEmpty();
    }

    @Test
    void yamlComesBackAsItWas() {
        Map<String, Object> tree = Map.of("list", List.of("yes", "1", "a: b"), "number", 1L, "text", "multi\nline\n");
        Object back = Yaml.parse("test", Yaml.write(tree));
        assertThat(back).isEqualTo(Map.of("list", List.of("yes", "1", "a: b"), "number", 1, "text", "multi\nline\n"));
    }
}
