package io.meridian.benchmarks;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client of a benchmark has to know of a discovery response: enough to acknowledge it, to ask for what it refers to, and to come back
 * with versions. The resources themselves are passed over, so that the load generator takes as little as possible of the cores that it shares
 * with what it measures. Immutable.
 *
 * @param names of its resources, in order
 * @param versions of each; empty in the state of the world
 * @param bytes of the message
 */
record XdsResponse(
        String typeUrl,
        String version,
        String nonce,
        List<String> names,
        List<String> versions,
        List<String> removed,
        int bytes) {

    /** Reads {@code DeltaDiscoveryResponse}. */
    static final MethodDescriptor.Marshaller<XdsResponse> DELTA = new Reader() {
        @Override
        void field(int number, CodedInputStream in, Builder into) throws IOException {
            switch (number) {
                case 1 -> into.version = in.readString();
                case 2 -> deltaResource(in, into);
                case 4 -> into.typeUrl = in.readString();
                case 5 -> into.nonce = in.readString();
                case 6 -> into.removed.add(in.readString());
                default -> in.skipField(in.getLastTag());
            }
        }
    };

    /** Reads {@code DiscoveryResponse}. */
    static final MethodDescriptor.Marshaller<XdsResponse> STATE_OF_THE_WORLD = new Reader() {
        @Override
        void field(int number, CodedInputStream in, Builder into) throws IOException {
            switch (number) {
                case 1 -> into.version = in.readString();
                case 2 -> into.names.add(nameInAny(in));
                case 4 -> into.typeUrl = in.readString();
                case 5 -> into.nonce = in.readString();
                default -> in.skipField(in.getLastTag());
            }
        }
    };

    /** {@code Resource}: 1 version, 3 name. */
    private static void deltaResource(CodedInputStream in, Builder into) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        String name = "";
        String version = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> version = in.readString();
                case 3 -> name = in.readString();
                default -> in.skipField(tag);
            }
        }
        in.popLimit(outer);
        into.names.add(name);
        into.versions.add(version);
    }

    /** The first field of clusters, assignments, listeners and route configurations is their name. */
    private static String nameInAny(CodedInputStream in) throws IOException {
        int outer = in.pushLimit(in.readRawVarint32());
        String name = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == 2) {
                int inner = in.pushLimit(in.readRawVarint32());
                for (int field = in.readTag(); field != 0; field = in.readTag()) {
                    if (WireFormat.getTagFieldNumber(field) == 1) {
                        name = in.readString();
                    } else {
                        in.skipField(field);
                    }
                }
                in.popLimit(inner);
            } else {
                in.skipField(tag);
            }
        }
        in.popLimit(outer);
        return name;
    }

    private static final class Builder {
        private String typeUrl = "";
        private String version = "";
        private String nonce = "";
        private final List<String> names = new ArrayList<>();
        private final List<String> versions = new ArrayList<>();
        private final List<String> removed = new ArrayList<>();
    }

    private abstract static class Reader implements MethodDescriptor.Marshaller<XdsResponse> {
        abstract void field(int number, CodedInputStream in, Builder into) throws IOException;

        @Override
        public XdsResponse parse(InputStream stream) {
            try {
                int bytes = stream instanceof KnownLength ? stream.available() : 0;
                Builder into = new Builder();
                CodedInputStream in = CodedInputStream.newInstance(stream);
                in.setSizeLimit(Integer.MAX_VALUE);
                for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                    field(WireFormat.getTagFieldNumber(tag), in, into);
                }
                return new XdsResponse(
                        into.typeUrl, into.version, into.nonce, into.names, into.versions, into.removed, bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public InputStream stream(XdsResponse response) {
            throw new UnsupportedOperationException("a client does not write responses");
        }
    }
}
