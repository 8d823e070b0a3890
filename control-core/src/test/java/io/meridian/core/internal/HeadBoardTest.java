package io.meridian.core.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.core.MeshLog;
import io.meridian.model.log.Hash;
import io.meridian.model.log.Head;
import io.meridian.model.position.Epoch;
import io.meridian.model.position.MeshId;
import io.meridian.model.position.Position;
import io.meridian.model.position.RegionId;
import io.meridian.persistence.LogReader;
import io.meridian.persistence.Manifest;
import io.meridian.persistence.ManifestEvent;
import io.meridian.persistence.fixture.JournalKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeadBoardTest {
    private static final MeshId MESH = new MeshId("m");

    @TempDir
    Path data;

    /** The home may hear of it in no other way, and has to take over again if nobody opens that epoch. */
    @Test
    void aPromiseIsToldToWhoWatchesThoughTheHeadStays() {
        try (LogReader reader = JournalKind.SQLITE.journal(data).reader(1);
                HeadBoard board = new HeadBoard(new RegionId("eu-1", 1), false, reader, Runnable::run)) {
            Head head = new Head(new Position(MESH, new Epoch(67), 5), Hash.ZERO);
            board.publish(head);
            List<Epoch> told = new ArrayList<>();
            try (MeshLog.Subscription _ = board.watchHead(MESH, same -> told.add(board.promised(MESH)))) {
                board.recorded(promise(193));
                board.recorded(promise(193));
                board.recorded(promise(129));
            }
            assertThat(told).containsExactly(Epoch.NONE, new Epoch(193));
        }
    }

    private static Manifest promise(long epoch) {
        return Manifest.empty(MESH).next(new ManifestEvent.Promised(new Epoch(epoch)));
    }
}
