package io.meridian.chaos.check;

import com.google.protobuf.InvalidProtocolBufferException;
import io.meridian.api.events.v1.SegmentOpened;
import io.meridian.chaos.history.Position;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * I1. In each region's log epochs only rise; each begins with its one SegmentOpened, whose home is the region that the epoch names; and
 * within an epoch a life of a writing process that was followed by another never writes again.
 */
final class OneWriterPerEpoch implements Rule {
    private static final String OPENED = SegmentOpened.getDescriptor().getName();

    @Override
    public Verdict judge(Evidence evidence) {
        Map<String, Integer> regions = evidence.history().run().regions();
        List<String> violations = new ArrayList<>();
        Set<String> epochs = new HashSet<>();
        evidence.meshes()
                .values()
                .forEach(mesh -> mesh.logs().forEach((region, log) -> {
                    String where = mesh.name() + " in " + region + ": ";
                    examine(where, log, regions, violations);
                    log.events()
                            .forEach(event -> epochs.add(
                                    mesh.name() + " " + event.header().getEpoch()));
                }));
        return new Verdict(
                "I1",
                "one writer region and one segment for each epoch",
                epochs.size() + " epochs of " + evidence.meshes().size() + " meshes",
                violations);
    }

    private static void examine(String where, MeshLog log, Map<String, Integer> regions, List<String> violations) {
        long epoch = 0;
        String writer = "";
        Set<String> earlierWriters = new HashSet<>();
        for (LoggedEvent event : log.events()) {
            Position position = event.position();
            boolean opens = event.header().getType().equals(OPENED);
            if (position.epoch() != epoch) {
                if (position.epoch() < epoch) {
                    violations.add(where + position + " follows epoch " + epoch);
                }
                if (!opens) {
                    violations.add(where + position + " begins an epoch without SegmentOpened");
                }
                epoch = position.epoch();
                writer = "";
                earlierWriters.clear();
            } else if (opens) {
                violations.add(where + position + " opens its epoch again");
            }
            if (opens) {
                String home = home(event);
                if (regions.getOrDefault(home, -1) != position.writer()) {
                    violations.add(where + position + " was opened by " + home + ", not by region number "
                            + position.writer());
                }
            }
            String incarnation = event.header().getWriterIncarnation();
            if (!incarnation.equals(writer)) {
                if (!earlierWriters.add(incarnation)) {
                    violations.add(where + position + " is written by " + incarnation + ", which " + writer
                            + " had followed already");
                }
                writer = incarnation;
            }
        }
    }

    private static String home(LoggedEvent opened) {
        try {
            return SegmentOpened.parseFrom(opened.envelope().getPayload()).getHomeRegion();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("an unreadable payload at " + opened.position(), e);
        }
    }
}
