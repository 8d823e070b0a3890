package io.meridian.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvoyBinaryTest {
    private static final byte[] ELF = {0x7f, 'E', 'L', 'F', 2};

    @TempDir
    private Path folder;

    private final List<String> progress = new ArrayList<>();

    @Test
    void theVariableComesFirst() throws IOException {
        Path chosen = executable(folder.resolve("mine/my-envoy"), ELF);
        executable(folder.resolve("bin/envoy"), ELF);

        assertThat(locate(Map.of(
                        "MERIDIAN_ENVOY",
                        chosen.toString(),
                        "PATH",
                        folder.resolve("bin").toString())))
                .isEqualTo(chosen);
    }

    @Test
    void aVariableThatPointsNowhereIsNamed() {
        assertThatThrownBy(() -> locate(Map.of("MERIDIAN_ENVOY", "/nowhere/envoy")))
                .isInstanceOf(DemoException.class)
                .hasMessageContaining("MERIDIAN_ENVOY is /nowhere/envoy");
    }

    @Test
    void thenThePathButNoScripts() throws IOException {
        executable(folder.resolve("scripts/envoy"), "#!/usr/bin/python3\n".getBytes(StandardCharsets.UTF_8));
        Path real = executable(folder.resolve("bin/envoy"), ELF);

        assertThat(locate(Map.of("PATH", folder.resolve("scripts") + ":" + folder.resolve("bin"))))
                .isEqualTo(real);
    }

    @Test
    void thenTheWheelThatWasInstalledBefore() throws IOException {
        Path installed = executable(folder.resolve("envoy/envoy/_bin/envoy"), ELF);

        assertThat(locate(Map.of("PATH", ""))).isEqualTo(installed);
        assertThat(progress).isEmpty();
    }

    @Test
    void aRealEnvoyIsFoundOrInstalled() throws Exception {
        Process envoy = new ProcessBuilder(EnvoyBinary.locate().toString(), "--version")
                .redirectErrorStream(true)
                .start();
        String output = new String(envoy.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(envoy.waitFor()).isZero();
        assertThat(output).contains("version:");
    }

    private Path locate(Map<String, String> environment) {
        return EnvoyBinary.locate(environment, folder.resolve("envoy"), progress::add);
    }

    private static Path executable(Path file, byte[] content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, content);
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }
}
