package io.meridian.core.internal;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.meridian.api.replication.v1.FailoverRequest;
import io.meridian.api.replication.v1.FailoverResponse;
import io.meridian.api.replication.v1.HandoverRequest;
import io.meridian.api.replication.v1.LeaseRequest;
import io.meridian.api.replication.v1.LeaseResponse;
import io.meridian.api.replication.v1.NoteMembersRequest;
import io.meridian.api.replication.v1.NoteMembersResponse;
import io.meridian.api.replication.v1.PromiseRequest;
import io.meridian.api.replication.v1.PromiseResponse;
import io.meridian.api.replication.v1.ReportBranchRequest;
import io.meridian.api.replication.v1.ReportBranchResponse;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A message of replication.v1 between nodes: its name, then its bytes. */
final class CallFrame {
    private static final Map<String, Message> KNOWN = Stream.<Message>of(
                    PromiseRequest.getDefaultInstance(),
                    PromiseResponse.getDefaultInstance(),
                    LeaseRequest.getDefaultInstance(),
                    LeaseResponse.getDefaultInstance(),
                    NoteMembersRequest.getDefaultInstance(),
                    NoteMembersResponse.getDefaultInstance(),
                    ReportBranchRequest.getDefaultInstance(),
                    ReportBranchResponse.getDefaultInstance(),
                    HandoverRequest.getDefaultInstance(),
                    FailoverRequest.getDefaultInstance(),
                    FailoverResponse.getDefaultInstance())
            .collect(Collectors.toMap(CallFrame::name, Function.identity()));

    private CallFrame() {}

    static void write(DataOutputStream out, Message message) throws IOException {
        out.writeUTF(name(message));
        byte[] bytes = message.toByteArray();
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static Message read(DataInputStream in) throws IOException {
        String name = in.readUTF();
        Message known = KNOWN.get(name);
        int size = in.readInt();
        if (known == null || size < 0 || size > in.available()) {
            throw new InvalidProtocolBufferException("a call '" + name + "' of " + size + " bytes");
        }
        return known.getParserForType().parseFrom(in.readNBytes(size));
    }

    private static String name(Message message) {
        return message.getDescriptorForType().getName();
    }
}
