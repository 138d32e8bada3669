// generated from policy.proto, do not edit (npm run gen)
// @ts-nocheck: the code is protobufjs's; the types at the end are exact and are what importers see.
import $protobuf from 'protobufjs/minimal.js'

const $number = value => (typeof value === 'object' ? value.toNumber() : value)
var $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
var $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

var $root = $protobuf.roots["sluice.v1"] || ($protobuf.roots["sluice.v1"] = {});

$root.sluice = (function() {

    var sluice = {};

    sluice.v1 = (function() {

        var v1 = {};

        v1.ConfigureInput = (function() {

            var ConfigureInput = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ConfigureInput.prototype.plugin = "";
            ConfigureInput.prototype.binding = "";
            ConfigureInput.prototype.settings = $util.newBuffer([]);

            ConfigureInput.create = function(properties) {
                return new ConfigureInput(properties);
            };

            ConfigureInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.plugin != null && $Object.hasOwnProperty.call(message, "plugin") && message.plugin !== "")
                    writer.uint32(10).string(message.plugin);
                if (message.binding != null && $Object.hasOwnProperty.call(message, "binding") && message.binding !== "")
                    writer.uint32(18).string(message.binding);
                if (message.settings != null && $Object.hasOwnProperty.call(message, "settings") && message.settings.length)
                    writer.uint32(26).bytes(message.settings);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ConfigureInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.ConfigureInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.plugin = value;
                            else
                                delete message.plugin;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.binding = value;
                            else
                                delete message.binding;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.settings = value;
                            else
                                delete message.settings;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ConfigureInput;
        })();

        v1.ConfigureResult = (function() {

            var ConfigureResult = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ConfigureResult.prototype.error = "";

            ConfigureResult.create = function(properties) {
                return new ConfigureResult(properties);
            };

            ConfigureResult.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.error != null && $Object.hasOwnProperty.call(message, "error") && message.error !== "")
                    writer.uint32(10).string(message.error);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ConfigureResult.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.ConfigureResult();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.error = value;
                            else
                                delete message.error;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ConfigureResult;
        })();

        v1.Context = (function() {

            var Context = function (properties) {
                this.params = [];
                this.tags = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Context.prototype.exchangeId = "";
            Context.prototype.route = "";
            Context.prototype.upstream = "";
            Context.prototype.consumer = "";
            Context.prototype.params = $util.emptyArray;
            Context.prototype.tags = $util.emptyArray;
            Context.prototype.state = $util.newBuffer([]);
            Context.prototype.nowMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            Context.create = function(properties) {
                return new Context(properties);
            };

            Context.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.exchangeId != null && $Object.hasOwnProperty.call(message, "exchangeId") && message.exchangeId !== "")
                    writer.uint32(10).string(message.exchangeId);
                if (message.route != null && $Object.hasOwnProperty.call(message, "route") && message.route !== "")
                    writer.uint32(18).string(message.route);
                if (message.upstream != null && $Object.hasOwnProperty.call(message, "upstream") && message.upstream !== "")
                    writer.uint32(26).string(message.upstream);
                if (message.consumer != null && $Object.hasOwnProperty.call(message, "consumer") && message.consumer !== "")
                    writer.uint32(34).string(message.consumer);
                if (message.params != null && message.params.length)
                    for (var i = 0; i < message.params.length; ++i)
                        writer.uint32(42).string(message.params[i]);
                if (message.tags != null && message.tags.length)
                    for (var i = 0; i < message.tags.length; ++i)
                        writer.uint32(50).string(message.tags[i]);
                if (message.state != null && $Object.hasOwnProperty.call(message, "state") && message.state.length)
                    writer.uint32(58).bytes(message.state);
                if (message.nowMs != null && $Object.hasOwnProperty.call(message, "nowMs") && (typeof message.nowMs === "object" ? message.nowMs.low || message.nowMs.high : message.nowMs !== 0))
                    writer.uint32(64).uint64(message.nowMs);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Context.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Context();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.exchangeId = value;
                            else
                                delete message.exchangeId;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.route = value;
                            else
                                delete message.route;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.upstream = value;
                            else
                                delete message.upstream;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.consumer = value;
                            else
                                delete message.consumer;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.params && message.params.length))
                                message.params = [];
                            message.params.push(reader.stringVerify());
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if (!(message.tags && message.tags.length))
                                message.tags = [];
                            message.tags.push(reader.stringVerify());
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.state = value;
                            else
                                delete message.state;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = $number(reader.uint64())) === "object" ? value.low || value.high : value !== 0)
                                message.nowMs = value;
                            else
                                delete message.nowMs;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Context;
        })();

        v1.Request = (function() {

            var Request = function (properties) {
                this.headers = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Request.prototype.method = "";
            Request.prototype.scheme = "";
            Request.prototype.host = "";
            Request.prototype.path = "";
            Request.prototype.query = "";
            Request.prototype.headers = $util.emptyArray;
            Request.prototype.clientIp = "";

            Request.create = function(properties) {
                return new Request(properties);
            };

            Request.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.method != null && $Object.hasOwnProperty.call(message, "method") && message.method !== "")
                    writer.uint32(10).string(message.method);
                if (message.scheme != null && $Object.hasOwnProperty.call(message, "scheme") && message.scheme !== "")
                    writer.uint32(18).string(message.scheme);
                if (message.host != null && $Object.hasOwnProperty.call(message, "host") && message.host !== "")
                    writer.uint32(26).string(message.host);
                if (message.path != null && $Object.hasOwnProperty.call(message, "path") && message.path !== "")
                    writer.uint32(34).string(message.path);
                if (message.query != null && $Object.hasOwnProperty.call(message, "query") && message.query !== "")
                    writer.uint32(42).string(message.query);
                if (message.headers != null && message.headers.length)
                    for (var i = 0; i < message.headers.length; ++i)
                        writer.uint32(50).string(message.headers[i]);
                if (message.clientIp != null && $Object.hasOwnProperty.call(message, "clientIp") && message.clientIp !== "")
                    writer.uint32(58).string(message.clientIp);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Request.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Request();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.method = value;
                            else
                                delete message.method;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.scheme = value;
                            else
                                delete message.scheme;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.host = value;
                            else
                                delete message.host;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.path = value;
                            else
                                delete message.path;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.query = value;
                            else
                                delete message.query;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if (!(message.headers && message.headers.length))
                                message.headers = [];
                            message.headers.push(reader.stringVerify());
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.clientIp = value;
                            else
                                delete message.clientIp;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Request;
        })();

        v1.Response = (function() {

            var Response = function (properties) {
                this.headers = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Response.prototype.status = 0;
            Response.prototype.headers = $util.emptyArray;

            Response.create = function(properties) {
                return new Response(properties);
            };

            Response.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.status != null && $Object.hasOwnProperty.call(message, "status") && message.status !== 0)
                    writer.uint32(8).uint32(message.status);
                if (message.headers != null && message.headers.length)
                    for (var i = 0; i < message.headers.length; ++i)
                        writer.uint32(18).string(message.headers[i]);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Response.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Response();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.status = value;
                            else
                                delete message.status;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.headers && message.headers.length))
                                message.headers = [];
                            message.headers.push(reader.stringVerify());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Response;
        })();

        v1.RequestInput = (function() {

            var RequestInput = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            RequestInput.prototype.context = null;
            RequestInput.prototype.request = null;
            RequestInput.prototype.body = $util.newBuffer([]);

            RequestInput.create = function(properties) {
                return new RequestInput(properties);
            };

            RequestInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.context != null && $Object.hasOwnProperty.call(message, "context"))
                    $root.sluice.v1.Context.encode(message.context, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.request != null && $Object.hasOwnProperty.call(message, "request"))
                    $root.sluice.v1.Request.encode(message.request, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body.length)
                    writer.uint32(26).bytes(message.body);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            RequestInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.RequestInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.context = $root.sluice.v1.Context.decode(reader, reader.size(), $undefined, _depth + 1, message.context);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.request = $root.sluice.v1.Request.decode(reader, reader.size(), $undefined, _depth + 1, message.request);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.body = value;
                            else
                                delete message.body;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return RequestInput;
        })();

        v1.ResponseInput = (function() {

            var ResponseInput = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            ResponseInput.prototype.context = null;
            ResponseInput.prototype.request = null;
            ResponseInput.prototype.body = $util.newBuffer([]);
            ResponseInput.prototype.response = null;

            ResponseInput.create = function(properties) {
                return new ResponseInput(properties);
            };

            ResponseInput.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.context != null && $Object.hasOwnProperty.call(message, "context"))
                    $root.sluice.v1.Context.encode(message.context, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.request != null && $Object.hasOwnProperty.call(message, "request"))
                    $root.sluice.v1.Request.encode(message.request, writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body.length)
                    writer.uint32(26).bytes(message.body);
                if (message.response != null && $Object.hasOwnProperty.call(message, "response"))
                    $root.sluice.v1.Response.encode(message.response, writer.uint32(34).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            ResponseInput.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.ResponseInput();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.context = $root.sluice.v1.Context.decode(reader, reader.size(), $undefined, _depth + 1, message.context);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.request = $root.sluice.v1.Request.decode(reader, reader.size(), $undefined, _depth + 1, message.request);
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.body = value;
                            else
                                delete message.body;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.response = $root.sluice.v1.Response.decode(reader, reader.size(), $undefined, _depth + 1, message.response);
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ResponseInput;
        })();

        v1.HeaderEdit = (function() {

            var HeaderEdit = function (properties) {
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            HeaderEdit.prototype.op = 0;
            HeaderEdit.prototype.name = "";
            HeaderEdit.prototype.value = "";

            HeaderEdit.create = function(properties) {
                return new HeaderEdit(properties);
            };

            HeaderEdit.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.op != null && $Object.hasOwnProperty.call(message, "op") && message.op !== 0)
                    writer.uint32(8).int32(message.op);
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(18).string(message.name);
                if (message.value != null && $Object.hasOwnProperty.call(message, "value") && message.value !== "")
                    writer.uint32(26).string(message.value);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            HeaderEdit.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.HeaderEdit();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.op = value;
                            else
                                delete message.op;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.value = value;
                            else
                                delete message.value;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            HeaderEdit.Op = (function() {
                var valuesById = $Object.create(null), values = $Object.create(valuesById);
                values[valuesById[0] = "SET"] = 0;
                values[valuesById[1] = "ADD"] = 1;
                values[valuesById[2] = "REMOVE"] = 2;
                values[valuesById[3] = "RENAME"] = 3;
                return values;
            })();

            return HeaderEdit;
        })();

        v1.Reply = (function() {

            var Reply = function (properties) {
                this.headers = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Reply.prototype.status = 0;
            Reply.prototype.headers = $util.emptyArray;
            Reply.prototype.body = $util.newBuffer([]);

            Reply.create = function(properties) {
                return new Reply(properties);
            };

            Reply.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.status != null && $Object.hasOwnProperty.call(message, "status") && message.status !== 0)
                    writer.uint32(8).uint32(message.status);
                if (message.headers != null && message.headers.length)
                    for (var i = 0; i < message.headers.length; ++i)
                        writer.uint32(18).string(message.headers[i]);
                if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body.length)
                    writer.uint32(26).bytes(message.body);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Reply.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Reply();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.status = value;
                            else
                                delete message.status;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.headers && message.headers.length))
                                message.headers = [];
                            message.headers.push(reader.stringVerify());
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.body = value;
                            else
                                delete message.body;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Reply;
        })();

        v1.Verdict = (function() {

            var Verdict = function (properties) {
                this.headers = [];
                this.responseHeaders = [];
                this.tags = [];
                if (properties)
                    for (var keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            Verdict.prototype.reply = null;
            Verdict.prototype.headers = $util.emptyArray;
            Verdict.prototype.responseHeaders = $util.emptyArray;
            Verdict.prototype.method = null;
            Verdict.prototype.path = null;
            Verdict.prototype.query = null;
            Verdict.prototype.upstream = null;
            Verdict.prototype.status = null;
            Verdict.prototype.body = null;
            Verdict.prototype.consumer = null;
            Verdict.prototype.tags = $util.emptyArray;
            Verdict.prototype.state = null;

            var $oneOfFields;

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_method", {
                get: $util.oneOfGetter($oneOfFields = ["method"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_path", {
                get: $util.oneOfGetter($oneOfFields = ["path"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_query", {
                get: $util.oneOfGetter($oneOfFields = ["query"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_upstream", {
                get: $util.oneOfGetter($oneOfFields = ["upstream"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_status", {
                get: $util.oneOfGetter($oneOfFields = ["status"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_body", {
                get: $util.oneOfGetter($oneOfFields = ["body"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_consumer", {
                get: $util.oneOfGetter($oneOfFields = ["consumer"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            // Virtual OneOf for proto3 optional field
            $Object.defineProperty(Verdict.prototype, "_state", {
                get: $util.oneOfGetter($oneOfFields = ["state"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            Verdict.create = function(properties) {
                return new Verdict(properties);
            };

            Verdict.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.reply != null && $Object.hasOwnProperty.call(message, "reply"))
                    $root.sluice.v1.Reply.encode(message.reply, writer.uint32(10).fork(), _depth + 1).ldelim();
                if (message.headers != null && message.headers.length)
                    for (var i = 0; i < message.headers.length; ++i)
                        $root.sluice.v1.HeaderEdit.encode(message.headers[i], writer.uint32(18).fork(), _depth + 1).ldelim();
                if (message.responseHeaders != null && message.responseHeaders.length)
                    for (var i = 0; i < message.responseHeaders.length; ++i)
                        $root.sluice.v1.HeaderEdit.encode(message.responseHeaders[i], writer.uint32(26).fork(), _depth + 1).ldelim();
                if (message.method != null && $Object.hasOwnProperty.call(message, "method"))
                    writer.uint32(34).string(message.method);
                if (message.path != null && $Object.hasOwnProperty.call(message, "path"))
                    writer.uint32(42).string(message.path);
                if (message.query != null && $Object.hasOwnProperty.call(message, "query"))
                    writer.uint32(50).string(message.query);
                if (message.upstream != null && $Object.hasOwnProperty.call(message, "upstream"))
                    writer.uint32(58).string(message.upstream);
                if (message.status != null && $Object.hasOwnProperty.call(message, "status"))
                    writer.uint32(64).uint32(message.status);
                if (message.body != null && $Object.hasOwnProperty.call(message, "body"))
                    writer.uint32(74).bytes(message.body);
                if (message.consumer != null && $Object.hasOwnProperty.call(message, "consumer"))
                    writer.uint32(82).string(message.consumer);
                if (message.tags != null && message.tags.length)
                    for (var i = 0; i < message.tags.length; ++i)
                        writer.uint32(90).string(message.tags[i]);
                if (message.state != null && $Object.hasOwnProperty.call(message, "state"))
                    writer.uint32(98).bytes(message.state);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (var i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            Verdict.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                var end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.sluice.v1.Verdict();
                while (reader.pos < end) {
                    var start = reader.pos;
                    var tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    var wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.reply = $root.sluice.v1.Reply.decode(reader, reader.size(), $undefined, _depth + 1, message.reply);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.headers && message.headers.length))
                                message.headers = [];
                            message.headers.push($root.sluice.v1.HeaderEdit.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.responseHeaders && message.responseHeaders.length))
                                message.responseHeaders = [];
                            message.responseHeaders.push($root.sluice.v1.HeaderEdit.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.method = reader.stringVerify();
                            message._method = "method";
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.path = reader.stringVerify();
                            message._path = "path";
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.query = reader.stringVerify();
                            message._query = "query";
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            message.upstream = reader.stringVerify();
                            message._upstream = "upstream";
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            message.status = reader.uint32();
                            message._status = "status";
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            message.body = reader.bytes();
                            message._body = "body";
                            continue;
                        }
                    case 10: {
                            if (wireType !== 2)
                                break;
                            message.consumer = reader.stringVerify();
                            message._consumer = "consumer";
                            continue;
                        }
                    case 11: {
                            if (wireType !== 2)
                                break;
                            if (!(message.tags && message.tags.length))
                                message.tags = [];
                            message.tags.push(reader.stringVerify());
                            continue;
                        }
                    case 12: {
                            if (wireType !== 2)
                                break;
                            message.state = reader.bytes();
                            message._state = "state";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Verdict;
        })();

        return v1;
    })();

    return sluice;
})();

/** Bytes to message and back. T is what decode gives, I what encode takes: the same, with everything optional. */
export interface Codec<T, I> {
  create(properties?: I): T
  /** @param writer - goes on writing there; a new one when left out */
  encode(message: I, writer?: $protobuf.Writer): $protobuf.Writer
  /** @throws Error when the bytes are malformed; bytes fields are views of `bytes`, not copies */
  decode(bytes: Uint8Array): T
}

export const HeaderEditOp = {
  SET: 0,
  ADD: 1,
  REMOVE: 2,
  RENAME: 3
} as const

/** What on_configure gets: once for each instance, before any other hook. */
export interface ConfigureInput {
  /** name of the plugin */
  plugin: string
  /** where it is bound, e.g. "routes/orders/policies/0" */
  binding: string
  /** the binding's settings, JSON, already checked against the manifest's schema */
  settings: Uint8Array
}
export interface ConfigureInputInit {
  plugin?: string | undefined
  binding?: string | undefined
  settings?: Uint8Array | undefined
}
export const ConfigureInput: Codec<ConfigureInput, ConfigureInputInit> = $root.sluice.v1.ConfigureInput

/** What on_configure answers. A non-empty error refuses the settings: the message is for the operator. */
export interface ConfigureResult {
  error: string
}
export interface ConfigureResultInit {
  error?: string | undefined
}
export const ConfigureResult: Codec<ConfigureResult, ConfigureResultInit> = $root.sluice.v1.ConfigureResult

/** Where the exchange stands. */
export interface Context {
  exchangeId: string
  /** name of the matched route */
  route: string
  /** name of the upstream it will go to */
  upstream: string
  /** who is calling, once an auth policy has said so */
  consumer: string
  /** path parameters, name, value, … */
  params: string[]
  /** set by policies before this one, name, value, … */
  tags: string[]
  /** what this binding stored in an earlier phase of the same exchange */
  state: Uint8Array
  /** wall clock when the phase began, Unix milliseconds */
  nowMs: number
}
export interface ContextInit {
  exchangeId?: string | undefined
  route?: string | undefined
  upstream?: string | undefined
  consumer?: string | undefined
  params?: readonly string[] | undefined
  tags?: readonly string[] | undefined
  state?: Uint8Array | undefined
  nowMs?: number | undefined
}
export const Context: Codec<Context, ContextInit> = $root.sluice.v1.Context

export interface Request {
  method: string
  /** "http" or "https" */
  scheme: string
  /** authority, as the client sent it */
  host: string
  /** without the query, percent-encoding as the client sent it */
  path: string
  /** without the "?" */
  query: string
  /** only those the plugin may read */
  headers: string[]
  clientIp: string
}
export interface RequestInit {
  method?: string | undefined
  scheme?: string | undefined
  host?: string | undefined
  path?: string | undefined
  query?: string | undefined
  headers?: readonly string[] | undefined
  clientIp?: string | undefined
}
export const Request: Codec<Request, RequestInit> = $root.sluice.v1.Request

export interface Response {
  status: number
  /** only those the plugin may read */
  headers: string[]
}
export interface ResponseInit {
  status?: number | undefined
  headers?: readonly string[] | undefined
}
export const Response: Codec<Response, ResponseInit> = $root.sluice.v1.Response

/** What on_request and on_request_body get. body is set for on_request_body alone: whole, content codings removed. */
export interface RequestInput {
  context: Context | null
  request: Request | null
  body: Uint8Array
}
export interface RequestInputInit {
  context?: ContextInit | null | undefined
  request?: RequestInit | null | undefined
  body?: Uint8Array | undefined
}
export const RequestInput: Codec<RequestInput, RequestInputInit> = $root.sluice.v1.RequestInput

/** What on_response and on_response_body get. The request is the one that went upstream. */
export interface ResponseInput {
  context: Context | null
  request: Request | null
  body: Uint8Array
  response: Response | null
}
export interface ResponseInputInit {
  context?: ContextInit | null | undefined
  request?: RequestInit | null | undefined
  body?: Uint8Array | undefined
  response?: ResponseInit | null | undefined
}
export const ResponseInput: Codec<ResponseInput, ResponseInputInit> = $root.sluice.v1.ResponseInput

/** One change to a header list. Edits are applied in order. */
export interface HeaderEdit {
  op: number
  name: string
  value: string
}
export interface HeaderEditInit {
  op?: number | undefined
  name?: string | undefined
  value?: string | undefined
}
export const HeaderEdit: Codec<HeaderEdit, HeaderEditInit> = $root.sluice.v1.HeaderEdit

/** An answer made by the plugin: the exchange ends with it, nothing (more) is sent upstream. */
export interface Reply {
  status: number
  /** name, value, … */
  headers: string[]
  body: Uint8Array
}
export interface ReplyInit {
  status?: number | undefined
  headers?: readonly string[] | undefined
  body?: Uint8Array | undefined
}
export const Reply: Codec<Reply, ReplyInit> = $root.sluice.v1.Reply

/** What a hook answers. Every field is optional: an empty Verdict lets the exchange go on unchanged. */
export interface Verdict {
  reply: Reply | null
  /** to the request in a request hook, to the response in a response hook */
  headers: HeaderEdit[]
  /** request hooks only: applied to the reply when it comes */
  responseHeaders: HeaderEdit[]
  /** request hooks */
  method: string | null
  /** request hooks; begins with "/" */
  path: string | null
  /** request hooks */
  query: string | null
  /** request hooks: another upstream of the configuration, by name */
  upstream: string | null
  /** response hooks */
  status: number | null
  /** the *_body hooks: replaces the body */
  body: Uint8Array | null
  /** request hooks: who is calling */
  consumer: string | null
  /** name, value, …: for the log and for later policies */
  tags: string[]
  /** comes back to this binding in later phases of the exchange */
  state: Uint8Array | null
}
export interface VerdictInit {
  reply?: ReplyInit | null | undefined
  headers?: readonly HeaderEditInit[] | undefined
  responseHeaders?: readonly HeaderEditInit[] | undefined
  method?: string | null | undefined
  path?: string | null | undefined
  query?: string | null | undefined
  upstream?: string | null | undefined
  status?: number | null | undefined
  body?: Uint8Array | null | undefined
  consumer?: string | null | undefined
  tags?: readonly string[] | undefined
  state?: Uint8Array | null | undefined
}
export const Verdict: Codec<Verdict, VerdictInit> = $root.sluice.v1.Verdict
