package io.meridian.cli.verb;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The mesh that a verb works on. */
final class MeshOption {
    @Option(
            names = {"-m", "--mesh"},
            paramLabel = "MESH",
            description = "The mesh. Else $$MERIDIAN_MESH, or the context's.")
    @Nullable
    String mesh;
}
