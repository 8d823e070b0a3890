package io.meridian.cli.verb;

import io.meridian.api.admin.v1.Event;
import io.meridian.api.admin.v1.EventView;
import io.meridian.api.admin.v1.GetEventRequest;
import io.meridian.api.admin.v1.HistoryServiceGrpc;
import io.meridian.api.admin.v1.ListEventsRequest;
import io.meridian.api.admin.v1.ListEventsResponse;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.ProtoTree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meridian history}. */
@Command(
        name = "history",
        description = "Who changed what, when, from where and why: one row for each event, the newest first.",
        footer = {
            "",
            "meridian history --mesh bookinfo --limit 20",
            "meridian history --mesh bookinfo --object vs/reviews",
            "meridian history --mesh bookinfo 64.12      one event with its difference",
            "meridian history --mesh bookinfo --watch -o json"
        })
public final class HistoryVerb extends Verb {
    private static final int PAGE = 200;

    @Parameters(
            paramLabel = "POSITION",
            arity = "0..1",
            description = "Only this event, with what it changed: EPOCH.SEQ or SEQ.")
    @Nullable
    String position;

    @Option(
            names = "--object",
            paramLabel = "KIND/[NAMESPACE/]NAME",
            description = "Only events that touch it: vs/reviews, cluster/k8s-1.")
    @Nullable
    String object;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many events; all if not given.")
    int limit = Integer.MAX_VALUE;

    @Option(names = "--ascending", description = "The oldest first.")
    boolean ascending;

    @Option(names = "--full", description = "With payloads and differences (json, yaml).")
    boolean full;

    @Option(
            names = {"-w", "--watch"},
            description =
                    "Go on with the events to come, each on a line; with -o json as JSON lines. Ends with Ctrl-C.")
    boolean watch;

    @Option(names = "--after", paramLabel = "POSITION", description = "With --watch: begin after this position.")
    @Nullable
    String after;

    @Option(
            names = "--min-position",
            paramLabel = "POSITION",
            description = "Wait until the region holds this position.")
    @Nullable
    String minPosition;

    @Mixin
    NamespaceOption namespace = new NamespaceOption();

    @Mixin
    MeshOption mesh = new MeshOption();

    @Mixin
    OutputOptions output = new OutputOptions();

    public HistoryVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        if (limit < 1) {
            throw CliFailure.usage("--limit: has to be 1 or more");
        }
        if (after != null && !watch) {
            throw CliFailure.usage("--after goes with --watch");
        }
        String meshName = session().mesh(mesh.mesh);
        if (watch) {
            return new HistoryWatch(this, output, meshName).run(after, view(), limit);
        }
        if (position != null) {
            return one(meshName, position);
        }
        list(meshName);
        return ExitCode.DONE;
    }

    private EventView view() {
        return full ? EventView.FULL : EventView.BASIC;
    }

    private Integer one(String meshName, String typed) {
        GetEventRequest request = GetEventRequest.newBuilder()
                .setParent(Names.mesh(meshName))
                .setPosition(new Resolver(session(), meshName).position("POSITION", typed))
                .setView(EventView.FULL)
                .build();
        Event event = session()
                .servers()
                .call(channel -> HistoryServiceGrpc.newBlockingStub(channel).getEvent(request));
        console().print(output.isTree() ? output.tree(ProtoTree.of(event)) : EventText.details(console(), event));
        return ExitCode.DONE;
    }

    private void list(String meshName) {
        ListEventsRequest.Builder request = ListEventsRequest.newBuilder()
                .setParent(Names.mesh(meshName))
                .setPageSize(Math.min(PAGE, limit))
                .setAscending(ascending)
                .setView(view());
        if (object != null) {
            request.setObject(Kinds.historyObject(object, namespace.namespace));
        }
        if (minPosition != null) {
            request.setMinPosition(new Resolver(session(), meshName).position("--min-position", minPosition));
        }
        List<Event> collected = new ArrayList<>();
        int left = limit;
        boolean first = true;
        while (true) {
            ListEventsResponse page = session()
                    .servers()
                    .call(channel -> HistoryServiceGrpc.newBlockingStub(channel).listEvents(request.build()));
            List<Event> events = page.getEventsList().subList(0, Math.min(left, page.getEventsCount()));
            left -= events.size();
            if (output.isTree()) {
                collected.addAll(events);
            } else {
                // A long history shows page by page, so that the first rows are there at once.
                console().print(EventText.rows(events, output, first, session().now()));
                console().flush();
            }
            if (page.getNextPageToken().isEmpty() || left == 0) {
                if (output.isTree()) {
                    Map<String, @Nullable Object> tree = new LinkedHashMap<>();
                    tree.put("events", ProtoTree.list(collected));
                    tree.put("head", ProtoTree.of(page.getHead()));
                    console().print(output.tree(tree));
                }
                return;
            }
            first = false;
            request.setPageToken(page.getNextPageToken()).setPageSize(Math.min(PAGE, left));
        }
    }
}
