package io.meridian.core.admin;

import io.meridian.api.admin.v1.Event;
import io.meridian.api.admin.v1.EventView;
import io.meridian.api.admin.v1.ListEventsRequest;
import io.meridian.api.admin.v1.ListEventsResponse;
import io.meridian.core.MeshLog;
import io.meridian.core.rpc.Answers;
import io.meridian.core.rpc.Call;
import io.meridian.core.rpc.Errors;
import io.meridian.model.history.EventSummary;
import io.meridian.model.log.EventEnvelope;
import io.meridian.model.mesh.MeshState;
import io.meridian.model.position.MeshId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Pages of a log, in either direction. Blocks; runs on virtual threads. */
final class EventList {
    /** FULL and RAW events are large and FULL ones cost folds. */
    static final int MAX_LARGE_PAGE = 100;

    /** Events looked at for one page: with a filter, a page may be short or empty and still have a next one. */
    static final int MAX_SCANNED = 10_000;

    private static final int WINDOW = 256;

    private final Reads reads;
    private final MeshLog log;

    EventList(Reads reads, MeshLog log) {
        this.reads = reads;
        this.log = log;
    }

    ListEventsResponse list(ListEventsRequest request, Call call) throws Exception {
        MeshId mesh = Names.mesh("parent", request.getParent());
        EventView view = view(request.getView());
        int size = view == EventView.BASIC
                ? Pages.size(request.getPageSize())
                : Pages.size(request.getPageSize(), MAX_LARGE_PAGE);
        ObjectFilter filter = ObjectFilter.parse("object", request.getObject());
        Optional<Long> from = Pages.after(request, request.getPageToken()).map(EventList::seq);
        var min = Names.position("min_position", request.hasMinPosition(), request.getMinPosition(), mesh);
        MeshState newest = Answers.await(reads.known(mesh, min, call), call);
        long head = newest.head().position().seq();
        ListEventsResponse.Builder page =
                ListEventsResponse.newBuilder().setHead(newest.head().position().toProto());
        long bytes = 0;
        long next = from.orElse(request.getAscending() ? 0 : head + 1);
        int scanned = 0;
        Optional<MeshState> known = Optional.empty();
        while (request.getAscending() ? next < head : next > 1) {
            List<EventEnvelope> window =
                    request.getAscending() ? ascending(mesh, next, call) : descending(mesh, next, call);
            for (EventEnvelope envelope : window) {
                if (page.getEventsCount() == size || bytes > Pages.MAX_BYTES || scanned == MAX_SCANNED) {
                    return page.setNextPageToken(Pages.token(request, Long.toString(next)))
                            .build();
                }
                scanned++;
                next = envelope.seq();
                EventSummary summary = EventViews.summary(envelope);
                if (filter.test(summary)) {
                    Event event;
                    if (view == EventView.FULL) {
                        EventViews.Shown shown = EventViews.full(envelope, summary, before(envelope, known, call));
                        known = shown.after();
                        event = shown.event();
                    } else {
                        event = EventViews.show(envelope, summary, view);
                    }
                    bytes += event.getSerializedSize();
                    page.addEvents(event);
                }
            }
            if (window.isEmpty()) {
                break;
            }
        }
        return page.build();
    }

    Event get(EventEnvelope envelope, EventView view, Call call) throws Exception {
        EventSummary summary = EventViews.summary(envelope);
        return view == EventView.FULL
                ? EventViews.full(envelope, summary, before(envelope, Optional.empty(), call))
                        .event()
                : EventViews.show(envelope, summary, view);
    }

    /** {@code known}: the state after the event that was shown last. */
    private Optional<MeshState> before(EventEnvelope envelope, Optional<MeshState> known, Call call) throws Exception {
        long seq = envelope.seq() - 1;
        if (known.isPresent() && known.get().head().position().seq() == seq) {
            return known;
        }
        return Optional.of(
                seq == 0
                        ? MeshState.empty(envelope.mesh())
                        : Answers.await(reads.at(envelope.mesh(), seq, call), call));
    }

    private List<EventEnvelope> ascending(MeshId mesh, long after, Call call) throws Exception {
        return Answers.await(log.read(mesh, after, WINDOW), call);
    }

    /** The newest events before {@code before}, newest first. */
    private List<EventEnvelope> descending(MeshId mesh, long before, Call call) throws Exception {
        List<EventEnvelope> events = new ArrayList<>();
        long after = Math.max(0, before - 1 - WINDOW);
        while (after < before - 1) {
            List<EventEnvelope> read = Answers.await(log.read(mesh, after, (int) (before - 1 - after)), call);
            if (read.isEmpty()) {
                break;
            }
            // A log that begins later than it is asked from answers with what it has.
            read.stream().filter(event -> event.seq() < before).forEach(events::add);
            after = read.getLast().seq();
        }
        return events.reversed();
    }

    static EventView view(EventView asked) {
        return switch (asked) {
            case EVENT_VIEW_UNSPECIFIED, BASIC -> EventView.BASIC;
            case FULL -> EventView.FULL;
            case RAW -> EventView.RAW;
            case UNRECOGNIZED -> throw Errors.invalid("view", "must be BASIC, FULL or RAW");
        };
    }

    private static long seq(String key) {
        try {
            return Long.parseLong(key);
        } catch (NumberFormatException e) {
            throw Errors.invalid("page_token", "is not a token of this list");
        }
    }
}
