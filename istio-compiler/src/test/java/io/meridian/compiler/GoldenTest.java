package io.meridian.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.compiler.Proxy.InterceptionMode;
import io.meridian.compiler.fixture.Bookinfo;
import io.meridian.compiler.fixture.Compiled;
import io.meridian.compiler.fixture.Json;
import io.meridian.compiler.fixture.Proxies;
import io.meridian.compiler.fixture.TestMesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What Bookinfo compiles to, all of it, as files to be reviewed. {@code -Dgolden.update=true} writes them. */
class GoldenTest {
    private static final Path FOLDER = Path.of("src/test/resources/golden");

    static Stream<Arguments> cases() {
        return Stream.of(
                Arguments.of("grpc", Bookinfo.mesh(), Proxies.grpc("default", "reviews-v1", "127.0.20.14", Map.of())),
                Arguments.of("ingress", Bookinfo.mesh(), Proxies.gateway("ingress-0", Map.of())),
                Arguments.of(
                        "sidecar",
                        Bookinfo.mesh(),
                        Proxies.sidecar("productpage-v1", "127.0.20.11", InterceptionMode.REDIRECT)),
                Arguments.of(
                        "sidecar-bound",
                        Bookinfo.mesh().apply(Bookinfo.BOUND_SIDECAR),
                        Proxies.sidecar("productpage-v1", "127.0.20.11", InterceptionMode.NONE)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void bookinfoCompilesToTheGoldenFiles(String name, TestMesh mesh, Proxy proxy) throws IOException {
        Map<String, String> compiled = print(new Compiled(mesh.compiled().view(proxy)));
        Path folder = FOLDER.resolve(name);

        if (Boolean.getBoolean("golden.update")) {
            write(folder, compiled);
        }

        assertThat(compiled).isEqualTo(read(folder));
    }

    /** One file a type: by name of the resource. */
    private static Map<String, String> print(Compiled compiled) {
        Map<String, String> files = new TreeMap<>();
        for (XdsType type : XdsType.values()) {
            StringBuilder text = new StringBuilder();
            compiled.resources(type).forEach((name, resource) -> {
                text.append(Json.print(Compiled.parse(resource)));
            });
            if (!text.isEmpty()) {
                files.put(type.shortName() + ".json", text.toString());
            }
        }
        return files;
    }

    private static void write(Path folder, Map<String, String> files) throws IOException {
        Files.createDirectories(folder);
        for (String old : read(folder).keySet()) {
            Files.delete(folder.resolve(old));
        }
        for (Map.Entry<String, String> file : files.entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue());
        }
    }

    private static Map<String, String> read(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> paths = Files.list(folder)) {
                for (Path path : paths.toList()) {
                    files.put(path.getFileName().toString(), Files.readString(path));
                }
            }
        }
        return files;
    }
}
