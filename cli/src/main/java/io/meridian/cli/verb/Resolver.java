package io.meridian.cli.verb;

import io.meridian.api.admin.v1.At;
import io.meridian.api.admin.v1.GetMeshRequest;
import io.meridian.api.admin.v1.GetStateAtRequest;
import io.meridian.api.admin.v1.HistoryServiceGrpc;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.type.v1.Position;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.Durations;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.Times;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** Turns what a person typed for a position or a point in time into what the API takes. */
final class Resolver {
    private final Session session;
    private final String mesh;

    Resolver(Session session, String mesh) {
        this.session = session;
        this.mesh = mesh;
    }

    /** EPOCH.SEQ as it is; for SEQ alone the server is asked for the epoch. */
    Position position(String option, String typed) {
        Positions.Written written = Positions.parse(typed)
                .orElseThrow(
                        () -> CliFailure.usage(option + ": \"" + typed + "\" is not a position (EPOCH.SEQ or SEQ)"));
        return written.epoch().isPresent()
                ? position(written.epoch().getAsLong(), written.seq())
                : withEpoch(written.seq());
    }

    private Position withEpoch(long seq) {
        Position head = head();
        if (seq >= head.getSeq()) {
            // Not here yet: the epoch that goes on is the likeliest.
            return position(head.getEpoch(), seq);
        }
        GetStateAtRequest request = GetStateAtRequest.newBuilder()
                .setParent(Names.mesh(mesh))
                .setAt(At.newBuilder().setSeq(seq))
                .build();
        return session.servers()
                .call(channel -> HistoryServiceGrpc.newBlockingStub(channel).getStateAt(request))
                .getPosition();
    }

    /** The mesh's head in the region that answers. */
    Position head() {
        GetMeshRequest request =
                GetMeshRequest.newBuilder().setName(Names.mesh(mesh)).build();
        return session.servers()
                .call(channel -> MeshServiceGrpc.newBlockingStub(channel).getMesh(request))
                .getPosition();
    }

    private Position position(long epoch, long seq) {
        return Position.newBuilder().setMesh(mesh).setEpoch(epoch).setSeq(seq).build();
    }

    /** EPOCH.SEQ, SEQ, an RFC 3339 time, "head", or how long ago: "10m". */
    At at(String option, String typed) {
        if (typed.equals("head")) {
            return At.getDefaultInstance();
        }
        Optional<Positions.Written> written = Positions.parse(typed);
        if (written.isPresent()) {
            long seq = written.get().seq();
            return written.get().epoch().isPresent()
                    ? At.newBuilder()
                            .setPosition(position(written.get().epoch().getAsLong(), seq))
                            .build()
                    : At.newBuilder().setSeq(seq).build();
        }
        Optional<Duration> ago = Durations.parse(typed);
        if (ago.isPresent()) {
            return time(session.now().minus(ago.get()));
        }
        try {
            return time(OffsetDateTime.parse(typed).toInstant());
        } catch (DateTimeParseException e) {
            throw CliFailure.usage(
                    option + ": \"" + typed
                            + "\" is neither a position (EPOCH.SEQ or SEQ), nor a time (2026-11-24T09:30:00Z), nor a length of time (10m)");
        }
    }

    private static At time(Instant instant) {
        return At.newBuilder().setTime(Times.timestamp(instant)).build();
    }
}
