package io.meridian.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables of docs/xds-gateway.md that say which test shows what. */
class ChecklistTest {
    private static final Path DOCUMENT = Path.of("../docs/xds-gateway.md");
    /** {@code Class}, {@code Class#method}, or a method of the class that was named before. */
    private static final Pattern NAMED = Pattern.compile("`([A-Z]\\w+(?:Test|IT))?(?:#(\\w+))?`");

    @Test
    void everyTestThatTheTablesNameIsThere() throws IOException {
        Map<String, String> tests = new HashMap<>();
        for (Path module : List.of(Path.of("src/test"), Path.of("../istio-compiler/src/test"))) {
            try (Stream<Path> files = Files.walk(module)) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    tests.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                }
            }
        }
        List<String> missing = new ArrayList<>();
        int found = 0;
        for (String row : Files.readAllLines(DOCUMENT)) {
            if (!row.startsWith("|")) {
                continue;
            }
            String named = "";
            for (Matcher matcher = NAMED.matcher(row); matcher.find(); ) {
                named = matcher.group(1) == null ? named : matcher.group(1);
                String method = matcher.group(2);
                String source = tests.getOrDefault(named, "");
                if (source.isEmpty() || (method != null && !source.contains("void " + method + "("))) {
                    missing.add(matcher.group() + " of " + named + " in: " + row);
                } else {
                    found++;
                }
            }
        }

        assertThat(missing).isEmpty();
        assertThat(found).as("tests that the tables name").isGreaterThan(40);
    }
}
