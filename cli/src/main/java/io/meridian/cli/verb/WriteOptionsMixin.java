package io.meridian.cli.verb;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.rpc.ErrorReport;
import io.meridian.cli.session.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every write takes. */
final class WriteOptionsMixin {
    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept in the history.")
    String reason = "";

    @Option(
            names = "--request-id",
            paramLabel = "ID",
            description = "Makes the write idempotent over runs of the command. Chosen at random if not given.")
    @Nullable
    String requestId;

    @Option(
            names = "--expected-position",
            paramLabel = "POSITION",
            description = "Refuse unless the mesh's head is exactly this: EPOCH.SEQ or SEQ.")
    @Nullable
    String expectedPosition;

    @Option(names = "--dry-run", description = "Say what would happen; change nothing.")
    boolean dryRun;

    /** The same request id for all retries of one run. */
    WriteOptions toProto(Session session, String mesh) {
        WriteOptions.Builder options = WriteOptions.newBuilder()
                .setRequestId(requestId())
                .setReason(reason)
                .setValidateOnly(dryRun);
        if (expectedPosition != null) {
            options.setExpectedPosition(new Resolver(session, mesh).position("--expected-position", expectedPosition));
        }
        return options.build();
    }

    /** For writes that nobody should make without saying why. */
    void requireReason() {
        if (reason.isBlank()) {
            throw CliFailure.usage("missing: --reason=TEXT");
        }
    }

    private String requestId() {
        String id = requestId;
        if (id == null) {
            id = UUID.randomUUID().toString();
            requestId = id;
        }
        return id;
    }

    /** Makes the call. A failure that is no refusal says that nothing was changed, or that the outcome is unknown and how to find it out. */
    <T> T call(Session session, Function<Channel, T> rpc) {
        try {
            return session.servers().call(rpc);
        } catch (StatusRuntimeException e) {
            Status.Code code = e.getStatus().getCode();
            if (dryRun || (code != Status.Code.UNAVAILABLE && code != Status.Code.DEADLINE_EXCEEDED)) {
                throw e;
            }
            CliFailure failure = ErrorReport.of(e);
            List<String> lines = new ArrayList<>(failure.lines());
            if (session.servers().nothingDone()) {
                lines.add("nothing was changed. Repeat the command once the home region of the mesh is back;"
                        + " until then proxies keep their configuration and reads go on in every other region");
                throw new CliFailure(failure.exitCode(), lines);
            }
            lines.add("it may have happened or not: the same command with --request-id " + requestId()
                    + " makes sure, and changes nothing twice");
            throw new CliFailure(failure.exitCode(), lines);
        }
    }
}
