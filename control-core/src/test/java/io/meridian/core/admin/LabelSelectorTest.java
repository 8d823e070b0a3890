package io.meridian.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.core.fixture.Failures;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelSelectorTest {
    private static final Map<String, String> LABELS =
            Map.of("app", "reviews", "version", "v1", "example.com/tier", "web");

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'';true",
                "app=reviews;true",
                "app==reviews;true",
                "app = reviews;true",
                "app=ratings;false",
                "app!=ratings;true",
                "app!=reviews;false",
                "absent!=x;true",
                "absent=;false",
                "app;true",
                "absent;false",
                "!absent;true",
                "!app;false",
                "version in (v1, v2);true",
                "version in (v2);false",
                "version notin (v2,v3);true",
                "version notin (v1);false",
                "absent in (x);false",
                "absent notin (x);true",
                "example.com/tier=web,app,version in (v1,v2),!canary;true",
                "app=reviews,version=v2;false"
            })
    void selectsAsKubernetesDoes(String selector, boolean selected) {
        assertThat(LabelSelector.parse("label_selector", selector).test(LABELS)).isEqualTo(selected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"=", "a=b=c", "app in reviews", "app in (a", ",", "app,", "!", "a b", "ap$p=1", "in (a)"})
    void whatIsNoSelectorIsRefused(String selector) {
        Failures failure = Failures.of(() -> LabelSelector.parse("label_selector", selector));

        assertThat(failure.fields().getFirst().getField()).isEqualTo("label_selector");
    }
}
