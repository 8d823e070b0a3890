package io.meridian.cli.verb;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.meridian.api.admin.v1.Event;
import io.meridian.api.admin.v1.EventView;
import io.meridian.api.admin.v1.HistoryServiceGrpc;
import io.meridian.api.admin.v1.WatchEventsRequest;
import io.meridian.api.type.v1.Position;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.text.Json;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.ProtoTree;
import io.meridian.cli.text.Yaml;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows a mesh's events. When the server goes away it goes on with the next one after the last event seen, so none is missed or shown twice; it
 * gives up when no event came for the command's time-out of retries.
 */
final class HistoryWatch {
    private static final long PAUSE_MILLIS = 250;

    private final Verb verb;
    private final OutputOptions output;
    private final String mesh;

    HistoryWatch(Verb verb, OutputOptions output, String mesh) {
        this.verb = verb;
        this.output = output;
        this.mesh = mesh;
    }

    /**
     * @param after null for the events to come
     * @param limit ends after so many events
     */
    int run(@Nullable String after, EventView view, int limit) {
        // A start of its own, so that a reconnection before the first event loses nothing.
        Resolver resolver = new Resolver(verb.session(), mesh);
        Position last = after == null ? resolver.head() : resolver.position("--after", after);
        int left = limit;
        long giveUpNanos = 0;
        while (left > 0) {
            try {
                WatchEventsRequest request = WatchEventsRequest.newBuilder()
                        .setParent(Names.mesh(mesh))
                        .setAfter(last)
                        .setView(view)
                        .build();
                Iterator<Event> events = HistoryServiceGrpc.newBlockingStub(verb.session().servers().stream())
                        .watchEvents(request);
                while (left > 0 && events.hasNext()) {
                    Event event = events.next();
                    print(event);
                    last = event.getPosition();
                    left--;
                    giveUpNanos = 0;
                }
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                    throw e;
                }
                long now = System.nanoTime();
                if (giveUpNanos == 0) {
                    giveUpNanos = now + verb.session().timeout().toNanos();
                    verb.console().warning("the server went away; watching goes on after " + Positions.text(last));
                } else if (now - giveUpNanos > 0) {
                    throw e;
                }
                verb.session().servers().next();
            }
            if (left > 0) {
                pause();
            }
        }
        return ExitCode.DONE;
    }

    private void print(Event event) {
        verb.console()
                .print(
                        switch (output.format) {
                            case json -> Json.line(ProtoTree.of(event));
                            case yaml -> "---\n" + Yaml.write(ProtoTree.of(event));
                            case name -> Positions.text(event.getPosition()) + "\n";
                            case table, wide -> EventText.line(event) + "\n";
                        });
        verb.console().flush();
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliFailure(ExitCode.UNAVAILABLE, "interrupted");
        }
    }
}
