package io.meridian.cli.demo;

import java.nio.file.Path;
import java.util.Map;

/** The repository's own example, which the demo runs. */
final class Examples {
    private Examples() {}

    static Path bookinfo() {
        return DemoHome.locate(Map.of()).examples();
    }
}
