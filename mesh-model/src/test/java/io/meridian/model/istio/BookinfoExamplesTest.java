package io.meridian.model.istio;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.manifest.Manifest;
import io.meridian.model.manifest.ManifestReader;
import io.meridian.model.mesh.MeshCommand.Put;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What newcomers apply first is accepted without a word of complaint. */
class BookinfoExamplesTest {
    private static final Path FOLDER = Path.of("..", "examples", "bookinfo");

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void anExampleHasNoViolation(Path example) throws IOException {
        Manifest manifest = ManifestReader.read(example.toString(), Files.readAllBytes(example), "default");

        assertThat(manifest.violations()).isEmpty();
        assertThat(manifest.puts())
                .isNotEmpty()
                .allSatisfy(intent ->
                        assertThat(new IstioRules().violations((Put) intent)).isEmpty());
    }
}
