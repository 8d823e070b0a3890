package io.meridian.chaos.check;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/** I3. In every region the log has all numbers from 1 on, each event links to the one before, and its hash is that of its bytes. */
final class ChainVerifies implements Rule {
    private static final ByteString GENESIS = ByteString.copyFrom(new byte[32]);

    @Override
    public Verdict judge(Evidence evidence) {
        List<String> violations = new ArrayList<>();
        int hashes = 0;
        for (Evidence.OfMesh mesh : evidence.meshes().values()) {
            for (var log : mesh.logs().entrySet()) {
                hashes += log.getValue().events().size();
                verify(mesh.name() + " in " + log.getKey() + ": ", mesh.name(), log.getValue(), violations);
            }
        }
        return new Verdict("I3", "the chain verifies from the first event", hashes + " hashes recomputed", violations);
    }

    private static void verify(String where, String mesh, MeshLog log, List<String> violations) {
        if (log.events().isEmpty()) {
            violations.add(where + "there is no log");
        }
        ByteString previous = GENESIS;
        long seq = 0;
        for (LoggedEvent event : log.events()) {
            seq++;
            if (event.header().getSeq() != seq || !event.header().getMesh().equals(mesh)) {
                violations.add(where + "event " + seq + " is " + event.header().getMesh() + " " + event.position());
                return;
            }
            if (!event.header().getPrevHash().equals(previous)) {
                violations.add(where + event.position() + " does not link to the event before it");
                return;
            }
            previous = event.recomputedHash();
            if (!event.envelope().getHash().equals(previous)) {
                violations.add(where + event.position() + " has not the hash of its bytes");
                return;
            }
        }
    }
}
