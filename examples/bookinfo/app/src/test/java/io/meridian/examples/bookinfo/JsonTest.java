package io.meridian.examples.bookinfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void whatIsWrittenIsReadBack() {
        for (String text : List.of(
                "{}",
                "[]",
                "null",
                "true",
                "-12",
                "1.5",
                "\"a\\\"b\\\\c\\nd\"",
                "{\"a\":[1,{\"b\":null},\"x\"],\"c\":false}")) {
            assertThat(Json.write(Json.parse(text))).isEqualTo(text);
        }
    }

    @Test
    void spaceAndEscapesAreUnderstood() {
        assertThat(Json.write(Json.parse(" { \"\\u0041\\t\" : [ 1 , 2 ] } "))).isEqualTo("{\"A\\t\":[1,2]}");
    }

    @Test
    void malformedTextIsRefusedWithItsPlace() {
        for (String text : List.of(
                "", "{", "[1,]", "{\"a\"}", "tru", "1 2", "\"a", "\"\\x\"", "\"\\u12", "--1", "[".repeat(100))) {
            assertThatThrownBy(() -> Json.parse(text))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("at character");
        }
    }
}
