package io.meridian.cli.verb;

import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.FailoverPlan;
import io.meridian.api.admin.v1.MoveHomeReport;
import io.meridian.api.admin.v1.MoveHomeRequest;
import io.meridian.api.admin.v1.MoveHomeStep;
import io.meridian.api.admin.v1.MoveHomeUpdate;
import io.meridian.api.admin.v1.PlanFailoverRequest;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.api.admin.v1.WriteOptions;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.rpc.ErrorReport;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;

/** One run of {@code handover} or {@code failover}: shows the plan and asks, moves the home while telling the steps, and reports. */
final class HomeMove {
    /** A handover drains for up to ten seconds, and a failover asks regions that may not answer. */
    static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(60);

    /** The answer is final, however long one asks: another region is needed, or the named one has to come back. */
    private static final String REGION_UNREACHABLE = "REGION_UNREACHABLE";

    private final Session session;
    private final MoveOptions options;
    private final String mesh;
    private final BiFunction<Channel, MoveHomeRequest, Iterator<MoveHomeUpdate>> rpc;

    HomeMove(Session session, MoveOptions options, BiFunction<Channel, MoveHomeRequest, Iterator<MoveHomeUpdate>> rpc) {
        options.require();
        this.session = session;
        this.options = options;
        this.mesh = session.mesh(options.mesh.mesh);
        this.rpc = rpc;
    }

    int run(boolean withoutMajority) {
        if (options.confirmation.isToBeAsked(session.console())) {
            tell(PlanText.of(plan(session, mesh, options.to)));
            Confirmation.ask(session.console(), "region", options.to);
        }
        MoveHomeRequest request = MoveHomeRequest.newBuilder()
                .setMesh(Names.mesh(mesh))
                .setToRegion(options.to)
                .setWithoutMajority(withoutMajority)
                .setOptions(WriteOptions.newBuilder()
                        .setRequestId(options.requestId())
                        .setReason(options.reason))
                .build();
        MoveHomeReport report;
        try {
            report = session.servers()
                    .call(session.timeoutOr(DEFAULT_TIMEOUT), channel -> follow(rpc.apply(channel, request)));
        } catch (StatusRuntimeException e) {
            throw explained(e);
        }
        print(report);
        return ExitCode.DONE;
    }

    static FailoverPlan plan(Session session, String mesh, String to) {
        PlanFailoverRequest request = PlanFailoverRequest.newBuilder()
                .setMesh(Names.mesh(mesh))
                .setToRegion(to)
                .build();
        return session.servers()
                .call(channel -> RegionServiceGrpc.newBlockingStub(channel).planFailover(request));
    }

    private MoveHomeReport follow(Iterator<MoveHomeUpdate> updates) {
        try {
            while (updates.hasNext()) {
                MoveHomeUpdate update = updates.next();
                if (update.hasReport()) {
                    return update.getReport();
                }
                tell(line(update.getStep()));
            }
        } catch (StatusRuntimeException e) {
            if (ErrorReport.reason(e).equals(REGION_UNREACHABLE)) {
                throw ErrorReport.of(e);
            }
            throw e;
        }
        throw Status.INTERNAL.withDescription("the move ended without a report").asRuntimeException();
    }

    private static String line(MoveHomeStep step) {
        return String.format(
                Locale.ROOT,
                "%7.3f s  %s%n",
                Durations.of(step.getAt()).toNanos() / 1e9,
                step.getWhat().replaceAll("\\p{Cntrl}+", " "));
    }

    /** For people, and at once: on stdout unless that is for a program. */
    private void tell(String text) {
        if (options.output.isTree() || options.output.isName()) {
            session.console().err().print(text);
            session.console().err().flush();
        } else {
            session.console().print(text);
            session.console().flush();
        }
    }

    private CliFailure explained(StatusRuntimeException e) {
        CliFailure failure = ErrorReport.of(e);
        Status.Code code = e.getStatus().getCode();
        if (code != Status.Code.UNAVAILABLE && code != Status.Code.DEADLINE_EXCEEDED) {
            return failure;
        }
        List<String> lines = new ArrayList<>(failure.lines());
        lines.add(
                session.servers().nothingDone()
                        ? "nothing was moved. If the home is lost, 'meridian failover plan --mesh " + mesh + " --to "
                                + options.to + "' shows what a failover would mean"
                        : "it may have moved or not: 'meridian regions --mesh " + mesh
                                + "' shows the home; the same command with --request-id " + options.requestId()
                                + " is safe to repeat");
        return new CliFailure(failure.exitCode(), lines);
    }

    private void print(MoveHomeReport report) {
        if (options.output.isTree()) {
            session.console().print(options.output.tree(MoveReports.tree(report)));
        } else if (options.output.isName()) {
            session.console().line("region/" + report.getToRegion());
        } else {
            session.console().print(MoveReports.text(mesh, report));
        }
    }
}
