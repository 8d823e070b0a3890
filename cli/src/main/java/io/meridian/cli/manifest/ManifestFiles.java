package io.meridian.cli.manifest;

import com.google.protobuf.ByteString;
import io.meridian.api.admin.v1.Manifest;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Reads what {@code -f} names: files, folders (their .yaml, .yml and .json files in the order of their names), and "-" for the standard input. */
public final class ManifestFiles {
    /** The API's limit for one request; more cannot be one atomic change. */
    static final int MAX_BYTES = 3 * 1024 * 1024;

    private static final int MAX_DEPTH = 32;
    private static final String STDIN = "-";

    private final InputStream stdin;
    private final boolean recursive;

    public ManifestFiles(InputStream stdin, boolean recursive) {
        this.stdin = stdin;
        this.recursive = recursive;
    }

    /** In the order named; sources are called as they were typed. A usage failure if one is missing, refused if they are too large together. */
    public List<Manifest> read(List<String> names) {
        List<Manifest> manifests = new ArrayList<>();
        int left = MAX_BYTES;
        for (String name : names) {
            for (Source source : sources(name)) {
                byte[] content = source.read(left);
                left -= content.length;
                manifests.add(Manifest.newBuilder()
                        .setSource(source.name())
                        .setContent(ByteString.copyFrom(content))
                        .build());
            }
        }
        return manifests;
    }

    private List<Source> sources(String name) {
        if (name.equals(STDIN)) {
            return List.of(new Source("stdin", stdin));
        }
        Path path = Path.of(name);
        if (!Files.exists(path)) {
            throw CliFailure.usage(name + ": no such file or folder");
        }
        if (!Files.isDirectory(path)) {
            return List.of(new Source(name, path));
        }
        try (Stream<Path> files = Files.walk(path, recursive ? MAX_DEPTH : 1)) {
            List<Source> sources = files.filter(Files::isRegularFile)
                    .filter(ManifestFiles::isManifest)
                    .sorted()
                    .map(file -> new Source(file.toString(), file))
                    .toList();
            if (sources.isEmpty()) {
                throw CliFailure.usage(name + ": the folder has no .yaml, .yml or .json file"
                        + (recursive ? "" : " (-R looks into its folders too)"));
            }
            return sources;
        } catch (IOException e) {
            throw unreadable(name, e);
        }
    }

    private static boolean isManifest(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
    }

    private static CliFailure unreadable(String name, IOException e) {
        return CliFailure.usage(name + ": cannot be read: " + e.getMessage());
    }

    /** One text to read; {@code from} is an InputStream, which stays open, or a Path. */
    private record Source(String name, Object from) {
        byte[] read(int limit) {
            try {
                byte[] content;
                if (from instanceof InputStream in) {
                    content = in.readNBytes(limit + 1);
                } else {
                    try (InputStream in = Files.newInputStream((Path) from)) {
                        content = in.readNBytes(limit + 1);
                    }
                }
                if (content.length > limit) {
                    throw new CliFailure(
                            ExitCode.REFUSED,
                            name
                                    + ": with this the manifests are larger than 3 MiB, the most that one change may hold; nothing was applied");
                }
                return content;
            } catch (IOException e) {
                throw unreadable(name, e);
            }
        }
    }
}
