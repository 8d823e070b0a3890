package io.meridian.cli.verb;

import io.meridian.api.admin.v1.Manifest;
import io.meridian.cli.manifest.ManifestFiles;
import io.meridian.cli.session.Console;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code -f} of the verbs that take manifests. */
final class FileOptions {
    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE",
            description = "A file, a folder, or - for the standard input. Repeatable.")
    List<String> files = List.of();

    @Option(
            names = {"-R", "--recursive"},
            description = "Folders with all that is in them.")
    boolean recursive;

    List<Manifest> read(Console console) {
        return new ManifestFiles(console.in(), recursive).read(files);
    }
}
