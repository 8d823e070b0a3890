package io.meridian.cli.verb;

import io.meridian.cli.exit.CliFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a move of a mesh's home takes. */
final class MoveOptions {
    @Option(names = "--to", paramLabel = "REGION", description = "Required: the region that is to be the home.")
    String to = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Required: why; kept in the history.")
    String reason = "";

    @Option(
            names = "--request-id",
            paramLabel = "ID",
            description = "Names the move over runs of the command. Chosen at random if not given.")
    @Nullable
    String requestId;

    @Mixin
    MeshOption mesh = new MeshOption();

    @Mixin
    Confirmation confirmation = new Confirmation();

    @Mixin
    OutputOptions output = new OutputOptions();

    /** Checked here rather than by the parser, which would demand it of {@code failover plan} too. */
    void require() {
        List<String> missing = new ArrayList<>();
        if (to.isBlank()) {
            missing.add("--to=REGION");
        }
        if (reason.isBlank()) {
            missing.add("--reason=TEXT");
        }
        if (!missing.isEmpty()) {
            throw CliFailure.usage("missing: " + String.join(", ", missing));
        }
    }

    /** The same for all retries of one run. */
    String requestId() {
        String id = requestId;
        if (id == null) {
            id = UUID.randomUUID().toString();
            requestId = id;
        }
        return id;
    }
}
